WITH
`post_year_and_category_of_pin_with_geo` AS (
  SELECT
    year(`timestamp`) AS `post_year`,
    `category`
  FROM `pin`
  INNER JOIN `geo`
    USING (`ind`)
),
`counted_by_post_year_and_category` AS (
  SELECT
    `post_year`,
    `category`,
    count(*) AS `category_count`
  FROM `post_year_and_category_of_pin_with_geo`
  WHERE (`post_year` >= 2018)
    AND (`post_year` <= 2022)
    AND (`category` IS NOT NULL)
  GROUP BY
    `post_year`,
    `category`
),
`ranked_in_each_post_year` AS (
  SELECT
    `post_year`,
    `category`,
    `category_count`,
    row_number() OVER (
      PARTITION BY `post_year`
      ORDER BY `category_count` DESC, `category` ASC
    ) AS `place`
  FROM `counted_by_post_year_and_category`
)
SELECT
  `post_year`,
  `category`,
  `category_count`
FROM `ranked_in_each_post_year`
WHERE `place` = 1
ORDER BY
  `post_year` ASC
