"""Every day: starts the batch job on Databricks, and tells people when it does not come through.

What it starts and whom it tells come from Airflow's configuration, section [pinterest]; how it signs in to Databricks
is the connection `databricks_default`, which Airflow finds in Secrets Manager.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from airflow.configuration import conf
from airflow.models.dag import DAG
from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator


def notify_failure(context: dict) -> None:
    """Publishes which task failed, when, and where its log is, to the topic of the pipeline's alarms."""
    # Imported when needed: a scheduler that parses this file does not pay for it.
    from airflow.providers.amazon.aws.hooks.sns import SnsHook

    topic = conf.get("pinterest", "alarms_topic", fallback="")
    if not topic:
        return
    task = context["task_instance"]
    SnsHook(aws_conn_id=None).publish_to_target(
        target_arn=topic,
        subject=f"Airflow: {task.dag_id}.{task.task_id} failed",
        message=f"Run {context['run_id']}, try {task.try_number}. Log: {task.log_url}",
    )


with DAG(
    dag_id="pinterest_daily",
    description="Landing files to silver tables and the nine answers",
    schedule="@daily",
    start_date=datetime(2024, 1, 1),
    catchup=False,
    max_active_runs=1,
    # Airflow pauses what is new, and nothing else starts the batch.
    is_paused_upon_creation=False,
    default_args={
        "owner": "pinterest",
        "retries": 2,
        "retry_delay": timedelta(minutes=5),
        "on_failure_callback": notify_failure,
    },
    tags=["pinterest"],
) as dag:
    DatabricksRunNowOperator(
        task_id="run_batch",
        databricks_conn_id="databricks_default",
        job_id=conf.get("pinterest", "batch_job_id", fallback="0"),
        wait_for_termination=True,
        polling_period_seconds=30,
        execution_timeout=timedelta(hours=6),
    )
