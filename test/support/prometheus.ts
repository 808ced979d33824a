/** Reads Prometheus's text format (version 0.0.4), strictly: what a scrape would refuse throws here. */

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const label = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"/y;

export function parsePrometheus(text: string): readonly Sample[] {
  if (!text.endsWith('\n')) {
    throw new Error('The last line does not end.');
  }
  const types = new Map<string, string>();
  return text
    .slice(0, -1)
    .split('\n')
    .flatMap((line) => {
      const [, name, type] =
        /^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram|summary|untyped)$/.exec(line) ?? [];
      if (name !== undefined && type !== undefined) {
        if (types.has(name)) {
          throw new Error(`${name} is described twice.`);
        }
        types.set(name, type);
        return [];
      }
      return line.startsWith('# ') ? [] : [sampleOf(line, types)];
    });
}

function sampleOf(line: string, types: ReadonlyMap<string, string>): Sample {
  const [, name = '', , list = '', value = ''] =
    /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(.*)\})? (\S+)( \d+)?$/.exec(line) ?? [];
  const family = types.has(name) ? name : name.replace(/_(bucket|sum|count)$/, '');
  if (!types.has(family) || !/^([+-]Inf|NaN|[-+0-9.e]+)$/.test(value)) {
    throw new Error(`This line is no sample of a described metric: ${line}`);
  }
  return { name, labels: labelsOf(list), value: Number(value.replace('Inf', 'Infinity')) };
}

function labelsOf(list: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (let place = 0; place < list.length; place += 1) {
    label.lastIndex = place;
    const [whole = '', name = '', value = ''] = label.exec(list) ?? [];
    if (whole === '' || name in labels) {
      throw new Error(`These are no labels: ${list}`);
    }
    labels[name] = value.replaceAll('\\n', '\n').replaceAll(/\\(.)/g, '$1');
    place += whole.length;
  }
  return labels;
}
