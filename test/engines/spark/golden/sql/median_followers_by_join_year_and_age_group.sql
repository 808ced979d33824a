WITH
`join_year_and_age_group_and_follower_count_of_pin_with_user` AS (
  SELECT
    year(`date_joined`) AS `join_year`,
    CASE
      WHEN ((`age` >= 18L) AND (`age` <= 24L)) THEN '18-24'
      WHEN ((`age` >= 25L) AND (`age` <= 35L)) THEN '25-35'
      WHEN ((`age` >= 36L) AND (`age` <= 50L)) THEN '36-50'
      WHEN (`age` >= 51L) THEN '50+'
    END AS `age_group`,
    `follower_count`
  FROM `pin`
  INNER JOIN `user`
    USING (`ind`)
)
SELECT
  `join_year`,
  `age_group`,
  median(`follower_count`) AS `median_follower_count`
FROM `join_year_and_age_group_and_follower_count_of_pin_with_user`
WHERE (`join_year` >= 2015)
  AND (`join_year` <= 2020)
  AND (`age_group` IS NOT NULL)
  AND (`follower_count` IS NOT NULL)
GROUP BY
  `join_year`,
  `age_group`
ORDER BY
  `join_year` ASC,
  `age_group` ASC
