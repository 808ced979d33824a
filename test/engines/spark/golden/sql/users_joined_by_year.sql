WITH
`join_year_and_user_name_and_date_joined_of_user` AS (
  SELECT
    year(`date_joined`) AS `join_year`,
    `user_name`,
    `date_joined`
  FROM `user`
)
SELECT
  `join_year`,
  count(DISTINCT `user_name`, `date_joined`) AS `number_users_joined`
FROM `join_year_and_user_name_and_date_joined_of_user`
WHERE (`join_year` >= 2015)
  AND (`join_year` <= 2020)
  AND (`user_name` IS NOT NULL)
GROUP BY
  `join_year`
ORDER BY
  `join_year` ASC
