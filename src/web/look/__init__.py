"""The look of every page: pure data and drawing behind the tags of `{% load look %}`.

Colour says where a euro came from, shape says where it is now: a cheque with a torn line, a pot with a rim
and a round bottom, a receipt with a torn edge. All else is quiet paper and ink.

Pages carry no `style=""`, `<style>` or inline script: the content security policy refuses them. Lengths that
depend on data are SVG attributes, drawn here from whole cents. The page `/onderdelen/` shows every part.

Base templates and their blocks
-------------------------------
`web/base_public.html`   residents, initiators and the public; 56 px targets; phone first
`web/base_staff.html`    corporation staff and brokers; 44 px targets
`web/base_auditor.html`  auditors; 40 px targets, white and dense, prints well
All extend `web/base.html` (do not extend that one yourself). Blocks:
`title`    text before "| Buurtpot"             `nav`      `<li>` items of the menu in the header, see below
`band`     coloured band at the top of a resident or public page:
           `<div class="band"><div class="frame">…</div></div>`, or `page-narrow` for `frame`
`crumb`    way back, use `{% crumb url text %}`
`content`  the page, inside `<main><div class="page">`
`content_narrow`  the same in one column of 560 px (base_public only; use it *instead of* `content`)
`head`     extra `<link>` in `<head>`            `scripts` `<script src defer>` at the end of `<body>`
A menu item is `{% nav_link url text current=True %}`; inside the header's list.

The context processor gives `look: web.look.house.Look` (theme, organisation_name, stylesheet_url, helpline).
Without it a page has the house colours of De Klinker. Footer links appear when the url names `help`,
`trail`, `privacy` and `accessibility` exist; the language form when `set_language` exists.

Filters
-------
`{{ cents|euro }}`        € 1.234,50 with a no-break space; € -25,00
`{{ cents|amount }}`      1.234,50, no sign (auditor)
`{{ count|whole }}`       4.000
`{{ date|long_date }}`    2 maart 2026            `{{ date|short_date }}`  02-03-2026
`{{ moment|clock_time }}` 14.20 uur            `{{ iban|groups_of_four }}`  an IBAN or RF reference as on paper
Wrap an amount that should stand out: `<b class="euro">{{ c|euro }}</b>`, sizes `euro-medium|large|huge`.

Tags (dataclass in brackets, module in `web.look`)
--------------------------------------------------
`{% icon "lock" %}`                     line icon in the text colour (`icons.LINES`)
`{% icon "pot" size="picture" %}`       picture of 48 px in colour (`icons.PICTURES`)
`{% origin_swatch "gift" %}`            square with the origin's pattern: cheque, gift, grant, fund
`{% stage_swatch 4 %}`                  square with the shade of a stage, 1 to 6
`{% pot bar %}` [pot.PotBar]            bar + line beneath; `size="small"`, `keys=True` adds who gave
`{% badge "collecting" %}`              icon + word of a fixed list (`badges.BADGES`); `text="…"` says more
`{% notice "ok" title text %}`          info, ok, wait, bad. A message of Django becomes one by itself:
                                        its first line = what happened, second line = what to do now
`{% empty_state title text url=… action=… %}`   says why it is empty and offers one next thing
`{% error_summary form %}`              links to every wrong field; put it above the form
`{% field form.name %}`                 label, hint, error, input; `hint="…"`, `label="…"` override,
                                        `sometimes_needed=True` does not say that it may stay empty
`{% chain steps %}` [cards.ChainStep]   the way of one euro, `compact=True` for the auditor
`{% cheque_card card %}` [cards.ChequeCard]        `{% receipt_card card %}` [cards.ReceiptCard]
`{% plate name where %}`                street sign with the h1
`{% stat "pot" cents text %}`           tile in the band
`{% stepper steps now %}`               tuple of words, `now` counts from 1
`{% pagination page %}`                 a `django.core.paginator.Page`; keeps the other query parameters
`{% stage_bar bar %}` [stages.StageBar]            six stages of a budget with the list under it
`{% row_bar bar %}` [stages.RowBar]                bar of a table row, as long as the district is big
`{% flow flow %}` `{% flow_table flow %}` [flow.Flow]   the picture and its table twin: always use both
`{% scene "bench" seed=campaign.pk alt="…" %}`     a drawn Dutch street (`scene.THEMES`)
`{% initials name %}`                   round mark with two letters
A confirm page of staff extends `web/staff/confirm.html` (blocks `question`, `consequence`, `maker`, `yes`, `no_url`, `no`):
the question with amount and name as title, both answers are sentences; it works without script.

Widgets (`widgets`): `AmountInput`, `ChequeCodeInput`, `DateInput`, `PickOne` (amounts side by side).

Classes for your own markup
---------------------------
`page-narrow`, `section`, `stack`, `cluster`       widths, distance, children under or beside each other
`columns-two`, `columns-three`, `columns-aside`    the last: first child wide, `<aside>` sticks
`columns-campaign` with `campaign-lead`, `campaign-act`, `campaign-rest`   on a phone the act comes in between
`campaign-head`                                    badge, h1 and `person` under the drawing
`card`, `card-act` (ink edge: the one place to act), `card-tinted`, `card-item`, `card-title`
`button`, `button-second|plain|danger|wide|small`  one filled button a decision
`table`, `number` (right aligned figures), `table-total`, `table-total-more` (on a `<tr>`)
`table-stacked`                                    phone: a block per row; give each `<td data-label="…">`
`table-dense`, `row-open|sub|cursor|heading`, `row-toggle`, `zero`, `scroll-x`   auditor
`scene-frame`, `scene-bleed` (to the edges of a phone), `pot-head`, `key-list`, `key-row`, `facts` (a `<dl>`)
`choice`, `choice-head`, `choice-item` (activate)  `feed` (who gave last)  `post` (news)  `task` (to decide)
`page-head` (title left, buttons right), `reconciliation` with `difference`, `filters` with `field-search`,
`keys-bar`, `hash`, `print-only` (auditor); a menu item at the right: `<li class="nav-person">`
`soft`, `small`, `fine`, `visually-hidden`, `plain-list`, `or-line` (the word "of" between two ways), `person`
"""
