"""What an initiator fills in after the plan: news, photos, the bank account, receipts, the report."""

import uuid
from datetime import date
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import files
from payments.bank import iban as ibans
from payments.bank import pain001
from people.models import User
from web.amounts import AmountField
from web.asking import AskingForm
from web.look.widgets import DateInput


class DetailsForm(forms.ModelForm):  # type: ignore[type-arg]  # takes a type for the checker only
    """What somebody calls themselves, and the language of pages and mails."""

    class Meta:
        model = User
        fields = ("name", "language")
        labels = {"name": gettext_lazy("Your name"), "language": gettext_lazy("Language of pages and mails")}
        help_texts = {"name": gettext_lazy("Colleagues and other initiators see this name.")}
        widgets = {"language": forms.RadioSelect, "name": forms.TextInput({"autocomplete": "name"})}


class PictureField(forms.FileField):
    """A photo; `clean` gives it drawn anew as JPEG, in bytes."""

    widget = forms.FileInput({"accept": "image/jpeg,image/png,image/webp"})

    def clean(self, data: Any, initial: Any = None) -> bytes:
        upload: UploadedFile[Any] = super().clean(data, initial)
        if upload.size is None or upload.size > files.MAX_BYTES:
            raise forms.ValidationError(_("This photo is too large. Choose one of at most 10 MB."))
        try:
            return files.redrawn_picture(upload.read())
        except files.NotAPicture as error:
            raise forms.ValidationError(
                _(
                    "We cannot read this as a photo. Choose a JPG, PNG or WebP. A PDF does not work: take a photo of it."
                )
            ) from error


class NewsForm(AskingForm):
    title = forms.CharField(label=gettext_lazy("Title of your news"), max_length=100)
    text = forms.CharField(
        label=gettext_lazy("What do you want to tell?"),
        help_text=gettext_lazy("Everybody can read this. You cannot change it afterwards."),
        max_length=5000,
        widget=forms.Textarea({"rows": 6}),
    )


class PhotoForm(AskingForm):
    photo = PictureField(
        label=gettext_lazy("Photo"),
        help_text=gettext_lazy(
            "JPG, PNG or WebP, at most 10 MB. Ask everybody in the photo whether it may be shown."
        ),
    )
    caption = forms.CharField(
        label=gettext_lazy("What do we see?"),
        help_text=gettext_lazy("Who cannot see the photo hears this sentence."),
        max_length=150,
    )


class AccountForm(AskingForm):
    """Gives the IBAN in capitals, without spaces."""

    holder = forms.CharField(
        label=gettext_lazy("Name of the account holder"),
        help_text=gettext_lazy("Exactly as on your bank card. The bank compares the name."),
        max_length=70,
        widget=forms.TextInput({"autocomplete": "name"}),
    )
    iban = forms.CharField(
        label=gettext_lazy("Account number (IBAN)"),
        help_text=gettext_lazy("It begins with NL. Spaces do not matter."),
        max_length=42,
        widget=forms.TextInput(
            {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )

    def clean_holder(self) -> str:
        holder: str = self.cleaned_data["holder"]
        if not pain001.sepa_text(holder):
            raise forms.ValidationError(_("A bank cannot read this name. Write it in letters."))
        return holder

    def clean_iban(self) -> str:
        try:
            return ibans.compact(self.cleaned_data["iban"])
        except ibans.BadIban as error:
            raise forms.ValidationError(
                _("There is a mistake in this account number. Compare it with your bank card.")
            ) from error


class ReceiptForm(AskingForm):
    """`key` is made with the form, so that sending it twice hands in one receipt."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    photo = PictureField(
        label=gettext_lazy("Photo of the receipt or invoice"),
        help_text=gettext_lazy("Shop, date and amount must be readable. JPG, PNG or WebP, at most 10 MB."),
    )
    amount = AmountField(
        label=gettext_lazy("Total on the receipt"), help_text=gettext_lazy("With a comma, such as 24,95.")
    )
    supplier = forms.CharField(label=gettext_lazy("Shop or supplier"), max_length=100)
    description = forms.CharField(label=gettext_lazy("What did you buy?"), max_length=150)
    bought_on = forms.DateField(
        label=gettext_lazy("Date on the receipt"),
        widget=DateInput,
        error_messages={"invalid": gettext_lazy("This is not a day. Write it like this: 31-12-2027.")},
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, initial={"key": uuid.uuid4()}, **kwargs)
        self.today = today
        self.fields["bought_on"].widget.attrs["max"] = today.isoformat()

    def clean_bought_on(self) -> date:
        day: date = self.cleaned_data["bought_on"]
        if day > self.today:
            raise forms.ValidationError(_("This day is still to come. Look at the date on the receipt."))
        return day


class ReportForm(AskingForm):
    text = forms.CharField(
        label=gettext_lazy("How did it go?"),
        help_text=gettext_lazy(
            "What did you do, and what does the neighbourhood notice of it? Everybody can read this."
        ),
        max_length=5000,
        widget=forms.Textarea({"rows": 8}),
    )
    people_reached = forms.IntegerField(
        label=gettext_lazy("How many people took part?"),
        help_text=gettext_lazy("A good guess is enough."),
        min_value=0,
        max_value=100_000,
        widget=forms.TextInput({"inputmode": "numeric", "class": "input-amount"}),
        error_messages={"invalid": gettext_lazy("Type a number, such as 40.")},
    )
