SELECT DISTINCT
  `ind`,
  CASE WHEN trim(LEADING ' \t\n\r' FROM `country`) <> '' THEN `country` END AS `country`,
  CASE
    WHEN (((`latitude` >= (-90D)) AND (`latitude` <= 90D)) AND ((`longitude` >= (-180D)) AND (`longitude` <= 180D))) THEN array_compact(array(`latitude` + 0.0D, `longitude` + 0.0D))
  END AS `coordinates`,
  CASE
    WHEN `timestamp` RLIKE '\\A[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}\\z' AND left(`timestamp`, 4) <> '0000' THEN try_cast(`timestamp` AS TIMESTAMP)
  END AS `timestamp`
FROM `geo_raw`
