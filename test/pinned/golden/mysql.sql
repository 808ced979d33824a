CREATE TABLE IF NOT EXISTS `pinterest_data` (
  `index` BIGINT NOT NULL PRIMARY KEY,
  `unique_id` TEXT NULL,
  `title` TEXT NULL,
  `description` TEXT NULL,
  `poster_name` TEXT NULL,
  `follower_count` TEXT NULL,
  `tag_list` TEXT NULL,
  `is_image_or_video` TEXT NULL,
  `image_src` TEXT NULL,
  `downloaded` BIGINT NULL,
  `save_location` TEXT NULL,
  `category` TEXT NULL
) CHARACTER SET utf8mb4;
CREATE TABLE IF NOT EXISTS `geolocation_data` (
  `ind` BIGINT NOT NULL PRIMARY KEY,
  `timestamp` DATETIME NULL,
  `latitude` DOUBLE NULL,
  `longitude` DOUBLE NULL,
  `country` TEXT NULL
) CHARACTER SET utf8mb4;
CREATE TABLE IF NOT EXISTS `user_data` (
  `ind` BIGINT NOT NULL PRIMARY KEY,
  `first_name` TEXT NULL,
  `last_name` TEXT NULL,
  `age` BIGINT NULL,
  `date_joined` DATETIME NULL
) CHARACTER SET utf8mb4;
