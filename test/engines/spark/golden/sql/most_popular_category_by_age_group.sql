WITH
`age_group_and_category_of_pin_with_user` AS (
  SELECT
    CASE
      WHEN ((`age` >= 18L) AND (`age` <= 24L)) THEN '18-24'
      WHEN ((`age` >= 25L) AND (`age` <= 35L)) THEN '25-35'
      WHEN ((`age` >= 36L) AND (`age` <= 50L)) THEN '36-50'
      WHEN (`age` >= 51L) THEN '50+'
    END AS `age_group`,
    `category`
  FROM `pin`
  INNER JOIN `user`
    USING (`ind`)
),
`counted_by_age_group_and_category` AS (
  SELECT
    `age_group`,
    `category`,
    count(*) AS `category_count`
  FROM `age_group_and_category_of_pin_with_user`
  WHERE (`age_group` IS NOT NULL)
    AND (`category` IS NOT NULL)
  GROUP BY
    `age_group`,
    `category`
),
`ranked_in_each_age_group` AS (
  SELECT
    `age_group`,
    `category`,
    `category_count`,
    row_number() OVER (
      PARTITION BY `age_group`
      ORDER BY `category_count` DESC, `category` ASC
    ) AS `place`
  FROM `counted_by_age_group_and_category`
)
SELECT
  `age_group`,
  `category`,
  `category_count`
FROM `ranked_in_each_age_group`
WHERE `place` = 1
ORDER BY
  `age_group` ASC
