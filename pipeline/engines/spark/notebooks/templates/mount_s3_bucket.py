# Databricks notebook source
# MAGIC %md
# MAGIC # Mount the lake's bucket
# MAGIC The cluster's instance profile gives the right to read and write it, so no key is needed. Mounting twice does nothing.
# MAGIC Workspaces with Unity Catalog need no mount.

# COMMAND ----------

dbutils.widgets.text("bucket", "", "Bucket of the lake")
dbutils.widgets.text("mount", "/mnt/pinterest", "Where to mount it")

# COMMAND ----------

# @include required.py

# COMMAND ----------

source = f"s3a://{required('bucket')}"
mount_point = required("mount")
mounted = {mount.mountPoint: mount.source.rstrip("/") for mount in dbutils.fs.mounts()}

if mount_point not in mounted:
    dbutils.fs.mount(source=source, mount_point=mount_point)
    print(f"Mounted {source} at {mount_point}.")
elif mounted[mount_point] == source:
    print(f"{source} is mounted at {mount_point} already.")
else:
    raise ValueError(
        f"{mount_point} holds {mounted[mount_point]}, not {source}: unmount it, or choose another mount point."
    )
