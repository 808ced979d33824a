/** A request that a server does not take, whatever it asks for: its caller is not known, or it comes too fast. */
export class Refused extends Error {
  override readonly name: string = 'Refused';

  constructor(
    readonly statusCode: number,
    message: string,
    /** Seconds after which it may be taken. */
    readonly retryAfterSeconds?: number,
  ) {
    super(message);
  }
}

/** A request without a key, or with a wrong one; its message is API Gateway's. */
export class UnknownCaller extends Refused {
  override readonly name = 'UnknownCaller';

  constructor(message = 'Forbidden') {
    super(403, message);
  }
}
