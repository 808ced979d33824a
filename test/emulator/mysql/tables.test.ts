import { expect, it } from 'vitest';
import { createTableStatement, eventOfRow, upsertStatement } from '../../../emulator/mysql/tables.ts';
import { geo, pin, user } from '../../../pipeline/datasets/index.ts';

it('a table has a column of the right type for each raw field, times as DATETIME, its key as primary key', () => {
  expect(createTableStatement(user)).toBe(
    [
      'CREATE TABLE IF NOT EXISTS `user_data` (',
      '  `ind` BIGINT NOT NULL PRIMARY KEY,',
      '  `first_name` TEXT NULL,',
      '  `last_name` TEXT NULL,',
      '  `age` BIGINT NULL,',
      '  `date_joined` DATETIME NULL',
      ') CHARACTER SET utf8mb4',
    ].join('\n'),
  );
  expect(createTableStatement(geo)).toContain('`latitude` DOUBLE NULL');
  expect(createTableStatement(pin)).toContain('`index` BIGINT NOT NULL PRIMARY KEY');
});

it('existing rows are overwritten', () => {
  expect(upsertStatement(geo)).toBe(
    'INSERT INTO `geolocation_data` (`ind`, `timestamp`, `latitude`, `longitude`, `country`) VALUES ? ' +
      'ON DUPLICATE KEY UPDATE `timestamp` = VALUES(`timestamp`), `latitude` = VALUES(`latitude`), ' +
      '`longitude` = VALUES(`longitude`), `country` = VALUES(`country`)',
  );
});

it('a row becomes an event with the types of its dataset', () => {
  const row = {
    ind: '7',
    timestamp: '2020-08-28 03:52:47',
    latitude: '-89.5',
    longitude: 3,
    country: null,
    more: 1,
  };
  expect(eventOfRow(geo, row)).toEqual({
    ind: 7,
    timestamp: '2020-08-28 03:52:47',
    latitude: -89.5,
    longitude: 3,
    country: null,
  });
  // A value that is not a number passes unchanged: the pipeline judges it.
  expect(eventOfRow(user, { ind: 1, age: 'old' })).toMatchObject({ age: 'old', date_joined: null });
});
