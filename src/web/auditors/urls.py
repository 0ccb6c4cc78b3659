"""Addresses of the pages for this audience."""

from django.urls import URLPattern, path

from web.auditors import (
    views_account,
    views_balance,
    views_entries,
    views_exports,
    views_files,
    views_log,
    views_reconciliation,
    views_samples,
    views_ways,
)

urlpatterns: list[URLPattern] = [
    path("", views_balance.balance, name="auditor_home"),
    path("balans.csv", views_files.trial_csv, name="auditor_trial_csv"),
    path("balans.xlsx", views_files.trial_xlsx, name="auditor_trial_xlsx"),
    path("rekening/<int:account_id>/", views_account.account, name="auditor_account"),
    path("rekening/<int:account_id>/afschrift.pdf", views_files.statement_pdf, name="auditor_statement_pdf"),
    path("rekening/<int:account_id>/afschrift.csv", views_files.statement_csv, name="auditor_statement_csv"),
    path("boekingen/", views_entries.entries, name="auditor_entries"),
    path("boeking/<int:entry_id>/", views_entries.entry, name="auditor_entry"),
    path("boeking/<int:entry_id>/bon/", views_entries.document, name="auditor_document"),
    path("volg/<slug:thing>/<int:thing_id>/", views_ways.followed, name="auditor_follow"),
    path("volg/<slug:thing>/<int:thing_id>/bedragen.csv", views_ways.followed_csv, name="auditor_follow_csv"),
    path("bon/<int:receipt_id>/", views_ways.receipt, name="auditor_receipt"),
    path("bestanden/", views_exports.page, name="auditor_exports"),
    path("bestanden/lijst/", views_exports.list_again, name="auditor_exports_list"),
    path("bestanden/<int:export_id>/", views_exports.download, name="auditor_export"),
    path("bestanden/<int:export_id>/stoppen/", views_exports.cancel, name="auditor_export_cancel"),
    path("steekproef/", views_samples.sample, name="auditor_sample"),
    path("steekproef/dossier/", views_samples.sample_pack, name="auditor_sample_pack"),
    path("steekproef/steekproef.csv", views_samples.sample_csv, name="auditor_sample_csv"),
    path("afstemming/", views_reconciliation.reconciliation, name="auditor_reconciliation"),
    path("afstemming/afstemming.csv", views_reconciliation.as_csv, name="auditor_reconciliation_csv"),
    path("inzage/", views_log.access_log, name="auditor_log"),
]
