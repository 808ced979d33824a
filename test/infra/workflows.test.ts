import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { repositoryFolder } from './stacks.ts';

const workflows = join(repositoryFolder, '.github', 'workflows');

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly if?: string;
  readonly with?: Readonly<Record<string, string>>;
}

/** Every step of a workflow's jobs. */
function stepsOf(file: string): readonly Step[] {
  const { jobs } = parse(readFileSync(join(workflows, file), 'utf8'));
  return Object.values(Object(jobs)).flatMap((job) => Object(job).steps ?? []);
}

describe.each(readdirSync(workflows))('the workflow %s', (file) => {
  const engines = stepsOf(file).filter(
    ({ uses, with: inputs }) => uses?.startsWith('pulumi/') && inputs?.command,
  );

  it('runs the engine where Pulumi.yaml is, with a policy pack that exists', () => {
    for (const { with: inputs = {} } of engines) {
      const folder = join(repositoryFolder, inputs['work-dir'] ?? '.');
      expect(existsSync(join(folder, 'Pulumi.yaml')), folder).toBe(true);
      const pack = join(folder, inputs.policyPacks ?? 'missing');
      expect(existsSync(join(pack, 'PulumiPolicy.yaml')), pack).toBe(true);
    }
  });

  it('names actions by commit, with the version beside it', () => {
    const uses = stepsOf(file).flatMap(({ uses }) => uses ?? []);
    expect(uses.filter((action) => !/^[\w./-]+@[0-9a-f]{40}$/.test(action))).toEqual([]);
    const text = readFileSync(join(workflows, file), 'utf8');
    expect(text.match(/uses: \S+ # v\d+\.\d+\.\d+$/gm) ?? []).toHaveLength(uses.length);
  });
});

it('Pulumi starts at the top of the repo, and finds program and stack files from there', () => {
  const { main, stackConfigDir } = parse(readFileSync(join(repositoryFolder, 'Pulumi.yaml'), 'utf8'));
  expect(existsSync(join(repositoryFolder, main))).toBe(true);
  for (const stack of ['dev', 'mount', 'prod']) {
    expect(existsSync(join(repositoryFolder, stackConfigDir, `Pulumi.${stack}.yaml`))).toBe(true);
  }
});

describe('the workflow that publishes the catalogue', () => {
  const { jobs, permissions } = parse(readFileSync(join(workflows, 'catalogue.yml'), 'utf8'));

  it('publishes what the command makes, and may write pages in the job alone that does', () => {
    expect(permissions).toEqual({ contents: 'read' });
    expect(jobs.publish.permissions).toEqual({ pages: 'write', 'id-token': 'write' });
    const made = jobs.make.steps.find(({ run }: { run?: string }) => run?.includes('catalogue'));
    const uploaded = jobs.make.steps.find(({ uses }: Step) =>
      uses?.startsWith('actions/upload-pages-artifact@'),
    );
    expect(made.run).toBe(`npm run catalogue -- --out ${uploaded.with.path}`);
  });
});

describe('the workflow that deploys', () => {
  const { jobs, permissions } = parse(readFileSync(join(workflows, 'deploy.yml'), 'utf8'));

  it('changes the cloud behind an environment’s approval alone, and keeps no key', () => {
    const text = readFileSync(join(workflows, 'deploy.yml'), 'utf8');
    expect(permissions).toEqual({ contents: 'read', 'id-token': 'write' });
    expect(jobs.up.environment).toBe('deploy');
    expect(text).not.toMatch(/AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY)/);
    const commands = (job: string) =>
      jobs[job].steps.flatMap(({ with: inputs }: Step) => (inputs?.command ? [inputs.command] : []));
    expect(commands('up')).toEqual(['up']);
    expect(commands('drift')).toEqual(['preview']);
  });

  it('compares every night with what is really there', () => {
    const step = jobs.drift.steps.find(({ with: inputs }: Step) => inputs?.command === 'preview');
    expect(step.with).toMatchObject({ refresh: true, 'expect-no-changes': true });
  });
});

describe('the preview of a pull request', () => {
  const { jobs } = parse(readFileSync(join(workflows, 'preview.yml'), 'utf8'));

  it('asks the engine by OIDC, with a role that is not the one that deploys, and never for a fork', () => {
    const { permissions, steps: asking, if: condition } = jobs['with-account'];
    expect(permissions).toMatchObject({ contents: 'read', 'id-token': 'write' });
    expect(condition).toContain('head.repo.full_name == github.repository');
    const given = asking.flatMap(({ with: inputs = {} }: Step) => Object.entries(inputs));
    expect(given).toContainEqual(['role-to-assume', expect.stringContaining('vars.PREVIEW_ROLE_ARN')]);
    expect(given.filter(([name]: [string, string]) => name === 'command')).toEqual([['command', 'preview']]);
  });

  const steps: readonly Step[] = jobs['without-account'].steps;

  it('keeps the page that it writes as an artefact, also of a stack that costs too much', () => {
    const written = steps.findIndex(({ run }) => run?.includes('--html "preview-$STACK.html"'));
    const kept = steps.findIndex(({ uses }) => uses?.startsWith('actions/upload-artifact@'));
    expect(written).toBeGreaterThan(0);
    expect(kept).toBeGreaterThan(written);
    expect(steps[kept]?.with?.path).toMatch(/^preview-.*matrix\.stack.*\.html$/);
    expect(steps.slice(kept).map((step) => step.if?.includes('!cancelled()'))).not.toContain(undefined);
  });
});
