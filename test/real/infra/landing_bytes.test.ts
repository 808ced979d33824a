import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PythonWorker, startPython } from '../../../pipeline/engines/spark/local/python.ts';
import { filledTemplate } from '../../../pipeline/engines/spark/notebooks/template.ts';
import { aws, describeReal } from '../systems.ts';

/** Landing files as the notebook that erases posts holds them: objects of moto's S3, and files of a folder. */
describeReal('landing files as bytes', [aws], () => {
  let moto: Awaited<ReturnType<typeof aws.start>>;
  let python: PythonWorker;
  beforeAll(async () => {
    moto = await aws.start();
    python = startPython({ environment: 'aws', variables: moto.environment });
    await python.run(
      `
from types import SimpleNamespace
import botocore.session

asked = []
def provider(name):
    asked.append(name)
    return botocore.session.get_session()
book = {"dbutils": SimpleNamespace(credentials=SimpleNamespace(getServiceCredentialsProvider=provider))}
exec(compile(input, "landing_bytes.py", "exec"), book)
book["Bucket"]("s3://landing/lake", "eu-west-1", None).client.create_bucket(
    Bucket="landing", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
)
def attempt(work, *arguments):
    try:
        return work(*arguments)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
output = None
`,
      filledTemplate('landing_bytes.py'),
    );
    mkdirSync(join(python.folder, 'landing/topics/pin/below'), { recursive: true });
  });
  afterAll(async () => {
    await python?.stop();
    await moto?.stop();
  });

  describe.each(['a bucket', 'a folder'])('in %s', (where) => {
    const at = async (source: string) => {
      const place = where === 'a bucket' ? 's3://landing/lake' : join(python.folder, 'landing');
      return python.run(`files = book["bytes_below"](input, "eu-west-1", "")\n${source}`, place);
    };

    it('are read, replaced and removed, and tell whether they are still the same', async () => {
      const said = await at(`
path = "topics/pin/ä+0.json"
files.put(path, b"\\xff\\r\\n")
first = files.read(path)
files.put(path, b"second", first)
second = files.read(path)
files.put("topics/pin/below/other.json", b"other")
files.put("topics/pin/.next+0000000001", b"")
names = sorted(files.names("topics/pin"))
files.remove(path)
output = [first.content == b"\\xff\\r\\n", second.content == b"second", second.modified >= first.modified, names, files.read(path), sorted(files.names("topics/pin"))]
`);
      expect(said).toEqual([true, true, true, ['.next+0000000001', 'ä+0.json'], null, ['.next+0000000001']]);
    });

    it('are not replaced when they were changed or removed meanwhile', async () => {
      const said = await at(`
import time
path = "topics/pin/changed.json"
files.put(path, b"read")
was = files.read(path)
time.sleep(0.01)
files.put(path, b"came meanwhile")
changed = attempt(files.put, path, b"mine", was)
left = files.read(path).content.decode()
# A condition holds for one file.
files.put(path, b"read")
was = files.read(path)
files.remove(path)
output = [changed, left, attempt(files.put, path, b"mine", was), files.read(path), files.names("topics/pin")]
`);
      const refused = expect.stringMatching(
        /^ChangedMeanwhile: topics\/pin\/changed\.json was changed or removed/,
      );
      expect(said).toEqual([refused, 'came meanwhile', refused, null, ['.next+0000000001']]);
    });
  });

  it('are replaced under the condition of each, by many at once', async () => {
    const said = await python.run(`
from concurrent.futures import ThreadPoolExecutor
files = book["bytes_below"]("s3://landing/many", "eu-west-1", "")
def replace(at):
    path = f"topics/{at}.json"
    files.put(path, b"first")
    was = files.read(path)
    if at % 2:
        files.put(path, b"other")
    return str(attempt(files.put, path, b"last", was))[:16]
with ThreadPoolExecutor(8) as pool:
    output = list(pool.map(replace, range(40)))
`);
    expect(said).toEqual(Array.from({ length: 40 }, (_, at) => (at % 2 ? 'ChangedMeanwhile' : 'None')));
  });

  it('are listed beyond what S3 tells at once', async () => {
    const said = await python.run(`
files = book["bytes_below"]("s3://landing/long", "eu-west-1", "")
with ThreadPoolExecutor(8) as pool:
    list(pool.map(lambda at: files.put(f"topics/pin/{at}.json", b"x"), range(1005)))
output = len(files.names("topics/pin"))
`);
    expect(said).toBe(1005);
  });

  it('take their rights from the service credential where there is one', async () => {
    const said = await python.run(`
asked.clear()
book["bytes_below"]("s3://landing/lake", "eu-west-1", "pinterest-prod-landing").read("topics/none")
output = asked
`);
    expect(said).toEqual(['pinterest-prod-landing']);
  });

  it('are not written through a mount, which has no such step', async () => {
    const said = await python.run(
      'output = attempt(book["bytes_below"], "dbfs:/mnt/pinterest/lake", "", "")',
    );
    expect(said).toBe(
      "ValueError: Landing files are written again by S3 itself: name 'dbfs:/mnt/pinterest/lake' as s3://bucket/folder.",
    );
  });
});
