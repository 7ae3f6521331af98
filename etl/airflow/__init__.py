"""The adapter to Airflow, and the only place in `etl` that imports it.

Importing this package alone imports nothing of Airflow: `etl.airflow.config`
writes its settings for processes that have yet to start.
"""
