SELECT DISTINCT
  `index` AS `ind`,
  CASE WHEN trim(LEADING ' \t\n\r' FROM `unique_id`) <> '' THEN `unique_id` END AS `unique_id`,
  CASE
    WHEN (`title` = 'No Title Data Available') THEN NULL
    ELSE CASE
      WHEN trim(LEADING ' \t\n\r' FROM `title`) <> '' THEN `title`
    END
  END AS `title`,
  CASE
    WHEN startswith(`description`, 'No description available') THEN NULL
    ELSE CASE
      WHEN trim(LEADING ' \t\n\r' FROM `description`) <> '' THEN `description`
    END
  END AS `description`,
  CASE
    WHEN `follower_count` RLIKE '\\A[ \\t\\n\\r]*[0-9]+([.][0-9]+)?[kKmMbB]?[ \\t\\n\\r]*\\z' THEN nullif(least(try_cast(concat(regexp_extract(`follower_count`, '[0-9]+', 0), left(concat(regexp_extract(`follower_count`, '[.]([0-9]+)', 1), '000000000'), CASE lower(regexp_extract(`follower_count`, '[kKmMbB]', 0))
      WHEN 'k' THEN 3
      WHEN 'm' THEN 6
      WHEN 'b' THEN 9
      ELSE 0
    END)) AS BIGINT), 9007199254740992), 9007199254740992)
  END AS `follower_count`,
  CASE
    WHEN (`poster_name` = 'User Info Error') THEN NULL
    ELSE CASE
      WHEN trim(LEADING ' \t\n\r' FROM `poster_name`) <> '' THEN `poster_name`
    END
  END AS `poster_name`,
  CASE
    WHEN (`tag_list` = 'N,o, ,T,a,g,s, ,A,v,a,i,l,a,b,l,e') THEN NULL
    ELSE CASE
      WHEN trim(LEADING ' \t\n\r' FROM `tag_list`) <> '' THEN `tag_list`
    END
  END AS `tag_list`,
  CASE WHEN trim(LEADING ' \t\n\r' FROM `is_image_or_video`) <> '' THEN `is_image_or_video` END AS `is_image_or_video`,
  CASE
    WHEN ((`image_src` = 'Image src error.') OR (`image_src` = 'Image src error')) THEN NULL
    ELSE CASE
      WHEN trim(LEADING ' \t\n\r' FROM `image_src`) <> '' THEN `image_src`
    END
  END AS `image_src`,
  CASE
    WHEN trim(LEADING ' \t\n\r' FROM CASE
      WHEN startswith(`save_location`, 'Local save in ') THEN substring(`save_location`, char_length('Local save in ') + 1)
      WHEN NOT startswith(`save_location`, 'Local save in ') THEN `save_location`
    END) <> '' THEN CASE
      WHEN startswith(`save_location`, 'Local save in ') THEN substring(`save_location`, char_length('Local save in ') + 1)
      WHEN NOT startswith(`save_location`, 'Local save in ') THEN `save_location`
    END
  END AS `save_location`,
  CASE WHEN trim(LEADING ' \t\n\r' FROM `category`) <> '' THEN `category` END AS `category`
FROM `pin_raw`
