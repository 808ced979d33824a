"""The fields of landing files as Arrow types."""

import pyarrow as pa

RAW = {
    "pin": pa.schema(
        [("index", pa.int64())]
        + [
            (name, pa.string())
            for name in (
                "unique_id",
                "title",
                "description",
                "poster_name",
                "follower_count",
                "tag_list",
                "is_image_or_video",
                "image_src",
                "save_location",
                "category",
            )
        ]
    ),
    "geo": pa.schema(
        [
            ("ind", pa.int64()),
            ("timestamp", pa.string()),
            ("latitude", pa.float64()),
            ("longitude", pa.float64()),
            ("country", pa.string()),
        ]
    ),
    "user": pa.schema(
        [
            ("ind", pa.int64()),
            ("first_name", pa.string()),
            ("last_name", pa.string()),
            ("age", pa.int64()),
            ("date_joined", pa.string()),
        ]
    ),
}
