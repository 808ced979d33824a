WITH
`counted_by_country_and_category` AS (
  SELECT
    `country`,
    `category`,
    count(*) AS `category_count`
  FROM `pin`
  INNER JOIN `geo`
    USING (`ind`)
  WHERE (`country` IS NOT NULL)
    AND (`category` IS NOT NULL)
  GROUP BY
    `country`,
    `category`
),
`ranked_in_each_country` AS (
  SELECT
    `country`,
    `category`,
    `category_count`,
    row_number() OVER (
      PARTITION BY `country`
      ORDER BY `category_count` DESC, `category` ASC
    ) AS `place`
  FROM `counted_by_country_and_category`
)
SELECT
  `country`,
  `category`,
  `category_count`
FROM `ranked_in_each_country`
WHERE `place` = 1
ORDER BY
  `country` ASC
