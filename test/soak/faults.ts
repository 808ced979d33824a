/** Faults of a soak. */
import { spawnSync } from 'node:child_process';
import { statfsSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../support/clock.ts';
import type { Service } from './service.ts';

export interface World {
  readonly gateway: Service;
  readonly stream: Service;
  readonly sink: Service;
  readonly way: Way;
  /** Undefined where no disk of its own could be mounted. */
  readonly disk: Disk | undefined;
  readonly clock: Clock;
}

export interface Fault {
  readonly name: string;
  /** @param milliseconds the time that a fault with an end may last */
  begin(world: World, milliseconds: number): void | Promise<void>;
}

/** In their order, again and again. */
export const faults: readonly Fault[] = [
  { name: 'connections cut', begin: ({ way }) => way.cut() },
  { name: 'gateway SIGKILL', begin: ({ gateway }) => gateway.signal('SIGKILL') },
  { name: 'stream SIGKILL', begin: ({ stream }) => stream.signal('SIGKILL') },
  { name: 'clock +1 h', begin: ({ clock }) => clock.move(3600) },
  {
    name: 'log stopped',
    begin: async ({ gateway }, milliseconds) => {
      gateway.signal('SIGSTOP');
      await sleep(milliseconds);
      gateway.signal('SIGCONT');
    },
  },
  {
    name: 'disk full',
    begin: async ({ disk }, milliseconds) => {
      disk?.fill();
      await sleep(milliseconds);
      disk?.free();
    },
  },
  { name: 'stream SIGTERM', begin: ({ stream }) => stream.signal('SIGTERM') },
  { name: 'sink SIGKILL', begin: ({ sink }) => sink.signal('SIGKILL') },
  { name: 'clock −1 h', begin: ({ clock }) => clock.move(-3600) },
  { name: 'gateway SIGTERM', begin: ({ gateway }) => gateway.signal('SIGTERM') },
  { name: 'sink SIGTERM', begin: ({ sink }) => sink.signal('SIGTERM') },
  { name: 'clock right', begin: ({ clock }) => clock.move(0) },
];

/** A tmpfs of this process's mount namespace, which is full once it is made as small as what it holds. */
export class Disk {
  constructor(
    private readonly path: string,
    private readonly mebibytes: number,
  ) {}

  fill(): void {
    // A write between the two calls may not fit any more.
    for (let spareKibibytes = 64; !this.tryToFill(spareKibibytes); spareKibibytes *= 2) {
      if (spareKibibytes > 100_000) {
        throw new Error(`The disk ${this.path} cannot be made smaller.`);
      }
    }
  }

  free(): void {
    if (!this.resize(this.mebibytes * 1024)) {
      throw new Error(`The disk ${this.path} cannot be made larger.`);
    }
  }

  private tryToFill(spareKibibytes: number): boolean {
    const { bsize, blocks, bfree } = statfsSync(this.path);
    return this.resize(Math.ceil((bsize * (blocks - bfree)) / 1024) + spareKibibytes);
  }

  private resize(kibibytes: number): boolean {
    return spawnSync('mount', ['-o', `remount,size=${kibibytes}k`, this.path]).status === 0;
  }
}

/** The way from the emulator to the gateway: connections that can be cut. */
export class Way {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  constructor(port: number, to: number) {
    this.server = createServer((from) => {
      const onward = connect(to, '127.0.0.1');
      for (const [socket, other] of [
        [from, onward],
        [onward, from],
      ] as const) {
        this.sockets.add(socket);
        socket.pipe(other);
        socket.on('error', () => other.destroy());
        socket.on('close', () => {
          this.sockets.delete(socket);
          other.destroy();
        });
      }
    });
    this.server.listen(port, '127.0.0.1');
  }

  cut(): void {
    for (const socket of this.sockets) {
      socket.resetAndDestroy();
    }
  }

  close(): void {
    this.cut();
    this.server.close();
  }
}
