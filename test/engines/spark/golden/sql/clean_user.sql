SELECT DISTINCT
  `ind`,
  coalesce(concat(CASE
    WHEN trim(LEADING ' \t\n\r' FROM `first_name`) <> '' THEN `first_name`
  END, ' ', CASE
    WHEN trim(LEADING ' \t\n\r' FROM `last_name`) <> '' THEN `last_name`
  END), CASE
    WHEN trim(LEADING ' \t\n\r' FROM `first_name`) <> '' THEN `first_name`
  END, CASE
    WHEN trim(LEADING ' \t\n\r' FROM `last_name`) <> '' THEN `last_name`
  END) AS `user_name`,
  `age`,
  CASE
    WHEN `date_joined` RLIKE '\\A[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}\\z' AND left(`date_joined`, 4) <> '0000' THEN try_cast(`date_joined` AS TIMESTAMP)
  END AS `date_joined`
FROM `user_raw`
