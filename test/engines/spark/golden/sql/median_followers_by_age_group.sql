WITH
`age_group_and_follower_count_of_pin_with_user` AS (
  SELECT
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
  `age_group`,
  median(`follower_count`) AS `median_follower_count`
FROM `age_group_and_follower_count_of_pin_with_user`
WHERE (`age_group` IS NOT NULL)
  AND (`follower_count` IS NOT NULL)
GROUP BY
  `age_group`
ORDER BY
  `age_group` ASC
