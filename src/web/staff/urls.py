"""Addresses under /beheer/: those who run programmes, keep the bank, or add money."""

from django.urls import URLPattern, path

from web.staff import (
    views_bank,
    views_campaigns,
    views_cheques,
    views_dwellings,
    views_grants,
    views_home,
    views_payment_files,
    views_payouts,
    views_periods,
    views_programmes,
    views_receipts,
    views_runs,
    views_witnesses,
)

urlpatterns: list[URLPattern] = [
    path("", views_home.home, name="staff_home"),
    path("wacht/", views_home.task_list, name="staff_tasks"),
    path("organisatie/", views_home.organisations, name="staff_organisation"),
    path("regelingen/", views_programmes.programmes, name="staff_programmes"),
    path("regelingen/nieuw/", views_programmes.new_programme, name="staff_new_programme"),
    path("regelingen/<int:programme_id>/", views_programmes.programme, name="staff_programme"),
    path("regelingen/<int:programme_id>/budget/", views_programmes.more_funding, name="staff_more_funding"),
    path("regelingen/<int:programme_id>/regels/", views_programmes.new_rules, name="staff_new_rules"),
    path("adressen/", views_dwellings.dwellings, name="staff_dwellings"),
    path("adressen/inlezen/", views_dwellings.take_in_dwellings, name="staff_import_dwellings"),
    path("adressen/voorbeeld.csv", views_dwellings.example_list, name="staff_example_list"),
    path("uitgiften/", views_runs.run_list, name="staff_runs"),
    path("uitgiften/nieuw/", views_runs.new_run, name="staff_new_run"),
    path("uitgiften/klaarzetten/", views_runs.prepare_run, name="staff_prepare_run"),
    path("uitgiften/<int:run_id>/", views_runs.run_detail, name="staff_run"),
    path("uitgiften/<int:run_id>/uitgeven/", views_runs.issue_run, name="staff_issue_run"),
    path("uitgiften/<int:run_id>/annuleren/", views_runs.cancel_run, name="staff_cancel_run"),
    path("uitgiften/<int:run_id>/brieven/", views_runs.run_letters, name="staff_run_letters"),
    path(
        "uitgiften/<int:run_id>/brieven/<int:number>.pdf", views_runs.letters_file, name="staff_letters_file"
    ),
    path("cheques/", views_cheques.cheque_list, name="staff_cheques"),
    path("cheques/<int:cheque_id>/", views_cheques.cheque_detail, name="staff_cheque"),
    path("initiatieven/", views_campaigns.campaign_list, name="staff_campaigns"),
    path("initiatieven/<slug:slug>/", views_campaigns.campaign_detail, name="staff_campaign"),
    path(
        "initiatieven/<slug:slug>/goedkeuren/",
        views_campaigns.approve_campaign,
        name="staff_approve_campaign",
    ),
    path("initiatieven/<slug:slug>/afwijzen/", views_campaigns.refuse_campaign, name="staff_refuse_campaign"),
    path("uitbetalingen/", views_payouts.payout_list, name="staff_payouts"),
    path("uitbetalingen/voorstel/<slug:slug>/", views_payouts.propose_payout, name="staff_propose_payout"),
    path(
        "uitbetalingen/rekening/<int:account_id>/",
        views_payouts.approve_account,
        name="staff_approve_account",
    ),
    path("uitbetalingen/<int:payout_id>/", views_payouts.payout_detail, name="staff_payout"),
    path(
        "uitbetalingen/<int:payout_id>/goedkeuren/", views_payouts.approve_payout, name="staff_approve_payout"
    ),
    path(
        "uitbetalingen/<int:payout_id>/terughalen/",
        views_payouts.withdraw_payout,
        name="staff_withdraw_payout",
    ),
    path("uitbetalingen/<int:payout_id>/afwijzen/", views_payouts.refuse_payout, name="staff_refuse_payout"),
    path("bonnen/", views_receipts.receipt_list, name="staff_receipts"),
    path("bonnen/<int:receipt_id>/", views_receipts.receipt_detail, name="staff_receipt"),
    path("bonnen/<int:receipt_id>/bestand/", views_receipts.receipt_file, name="staff_receipt_file"),
    path("bonnen/<int:receipt_id>/goedkeuren/", views_receipts.approve_receipt, name="staff_approve_receipt"),
    path("bonnen/<int:receipt_id>/afwijzen/", views_receipts.refuse_receipt, name="staff_refuse_receipt"),
    path("bank/", views_bank.bank, name="staff_bank"),
    path("bank/inlezen/", views_bank.take_in_statement, name="staff_import_statement"),
    path("bank/terugbetalingen/<int:donation_id>/", views_bank.refund_again, name="staff_refund_again"),
    path("bank/afschriften/<int:statement_id>/", views_bank.statement_detail, name="staff_statement"),
    path("bank/regels/", views_bank.line_list, name="staff_lines"),
    path("bank/regels/<int:line_id>/", views_bank.line_detail, name="staff_line"),
    path("bank/regels/<int:line_id>/<int:request_id>/", views_bank.recognise, name="staff_recognise"),
    path("bank/sluiten/", views_periods.periods, name="staff_periods"),
    path("bank/sluiten/<int:proposal_id>/", views_periods.approve, name="staff_close_period"),
    path("bank/sluiten/<int:proposal_id>/intrekken/", views_periods.withdraw, name="staff_withdraw_closing"),
    path("bank/betaalbestanden/", views_payment_files.payment_file_list, name="staff_payment_files"),
    path(
        "bank/betaalbestanden/nieuw/", views_payment_files.make_payment_file, name="staff_make_payment_file"
    ),
    path(
        "bank/betaalbestanden/<int:run_id>.xml", views_payment_files.payment_file, name="staff_payment_file"
    ),
    path("bank/getuigen/", views_witnesses.witnesses, name="staff_witnesses"),
    path("bank/getuigen/<int:key_id>/einde/", views_witnesses.end_witness, name="staff_end_witness"),
    path("bijdragen/", views_grants.grants, name="staff_grants"),
    path("bijdragen/<int:grant_id>/", views_grants.grant_detail, name="staff_grant"),
]
