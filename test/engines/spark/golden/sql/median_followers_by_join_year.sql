WITH
`join_year_and_follower_count_of_pin_with_user` AS (
  SELECT
    year(`date_joined`) AS `join_year`,
    `follower_count`
  FROM `pin`
  INNER JOIN `user`
    USING (`ind`)
)
SELECT
  `join_year`,
  median(`follower_count`) AS `median_follower_count`
FROM `join_year_and_follower_count_of_pin_with_user`
WHERE (`join_year` >= 2015)
  AND (`join_year` <= 2020)
  AND (`follower_count` IS NOT NULL)
GROUP BY
  `join_year`
ORDER BY
  `join_year` ASC
