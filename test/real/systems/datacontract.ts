/** The Data Contract CLI of the standard's makers, which holds a contract against tables. */
import * as z from 'zod';
import { notSetUp, stampOf } from '../../../pipeline/engines/spark/local/installations.ts';
import { startPython } from '../../../pipeline/engines/spark/local/python.ts';
import type { RealSystem } from './real_system.ts';

const checks = z.array(
  z.strictObject({ name: z.string(), result: z.string(), reason: z.string().nullable() }),
);

/** Checks that a contract led to: `passed`, `failed`, `warning` and `error`, each with its reason. */
export type ContractChecks = z.infer<typeof checks>;

export const datacontract = {
  name: 'datacontract',
  version: () => stampOf('datacontract') ?? 'Data Contract CLI',
  missing: () => (stampOf('datacontract') === undefined ? notSetUp('datacontract') : undefined),
  /**
   * Holds contracts against Delta tables, which are read into DuckDB for the tool.
   * @param contracts as YAML, by the name of the table
   * @param tables the folder that holds them
   */
  check: async (
    contracts: Readonly<Record<string, string>>,
    tables: string,
  ): Promise<Readonly<Record<string, ContractChecks>>> => {
    const worker = startPython({ environment: 'datacontract' });
    try {
      const found = await worker.run(source, { contracts, tables, folder: worker.folder });
      return z.record(z.string(), checks).parse(found);
    } finally {
      await worker.stop();
    }
  },
} satisfies RealSystem & Record<string, unknown>;

const source = `
import importlib.resources
import duckdb
import duckdb_extension_delta
import yaml
from datacontract.data_contract import DataContract

extensions = importlib.resources.files(duckdb_extension_delta) / "extensions"
database = input["folder"] + "/lake.duckdb"
with duckdb.connect(database) as lake:
    lake.sql(f"LOAD '{extensions / ('v' + duckdb.__version__) / 'delta.duckdb_extension'}'")
    for name in input["contracts"]:
        lake.execute(f"""CREATE TABLE "{name}" AS SELECT * FROM delta_scan('{input["tables"]}/{name}')""")

output = {}
for name, text in input["contracts"].items():
    contract = yaml.safe_load(text)
    contract["servers"].append({"server": "copy", "type": "duckdb", "database": database, "schema": "main"})
    run = DataContract(data_contract_str=yaml.safe_dump(contract), server="copy").test()
    output[name] = [
        {"name": check.name, "result": check.result.value, "reason": check.reason} for check in run.checks
    ]
`;
