WITH
`follower_count_by_country_and_poster_name` AS (
  SELECT
    `country`,
    `poster_name`,
    max(`follower_count`) AS `follower_count`
  FROM `pin`
  INNER JOIN `geo`
    USING (`ind`)
  WHERE (`country` IS NOT NULL)
    AND (`poster_name` IS NOT NULL)
    AND (`follower_count` IS NOT NULL)
  GROUP BY
    `country`,
    `poster_name`
),
`ranked_in_each_country` AS (
  SELECT
    `country`,
    `poster_name`,
    `follower_count`,
    row_number() OVER (
      PARTITION BY `country`
      ORDER BY `follower_count` DESC, `poster_name` ASC
    ) AS `place`
  FROM `follower_count_by_country_and_poster_name`
)
SELECT
  `country`,
  `poster_name`,
  `follower_count`
FROM `ranked_in_each_country`
WHERE `place` = 1
ORDER BY
  `follower_count` DESC,
  `country` ASC,
  `poster_name` ASC
LIMIT 1
