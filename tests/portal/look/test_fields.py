"""A field's label, hint, error and counter, and what ties them to the control."""

from django import forms
from django.template import Context, Template
from django_cotton.compiler_regex import CottonCompiler

from vetting_portal.samples import SampleForm
from vetting_portal.templatetags import fields

SOURCE = CottonCompiler().process(
    '<c-form :form="form">'
    '{% for field in form.visible_fields %}<c-field :field="field" :limit="limit" />{% endfor %}'
    "</c-form>"
)


def drawn(form: forms.Form, **context: object) -> str:
    return Template(SOURCE).render(Context({"form": form, **context}))


def test_error_stands_by_its_field_and_is_tied_to_it():
    html = drawn(SampleForm({"legal_name": "LIFT", "founded": "long ago"}))

    assert 'aria-describedby="id_founded-error"' in html
    assert 'id="id_founded-error"' in html
    assert 'value="long ago"' in html
    assert 'href="#id_founded"' in html


def test_summary_leads_to_the_first_choice_of_a_group():
    html = drawn(SampleForm({}))

    assert 'href="#id_stories_0"' in html
    assert 'id="id_stories_0"' in html
    assert 'aria-describedby="id_stories-error"' in html


def test_form_without_errors_has_no_summary():
    assert "is not right" not in drawn(SampleForm())


def test_counter_counts_up_and_says_when_it_is_too_much():
    short = fields.drawn_field(SampleForm({"need": "one two three"})["need"], limit=5)
    long = fields.drawn_field(SampleForm({"need": "one two three"})["need"], limit=2)

    assert (short.counter, short.is_over) == ("3 of 5 words", False)
    assert (long.counter, long.is_over) == ("3 of 2 words", True)
    assert short.described_by == "id_need-hint id_need-foot"


def test_blank_hint_takes_the_forms_hint_away():
    assert fields.drawn_field(SampleForm()["legal_name"], hint=" ").hint == ""
    assert fields.drawn_field(SampleForm()["legal_name"]).hint == "As on the certificate"


def test_code_asks_for_digits():
    control = fields.drawn_field(SampleForm()["legal_name"], code=True).control

    assert 'inputmode="numeric"' in control
    assert 'autocomplete="one-time-code"' in control


def test_every_kind_of_field_has_a_label_of_its_own():
    html = drawn(SampleForm())

    for name in ("legal_name", "founded", "need", "kind", "read", "paper"):
        assert f'for="id_{name}"' in html
    assert "<legend>Will you use stories of survivors?" in html


def test_errors_of_a_formset_are_listed():
    make = forms.formset_factory(SampleForm, min_num=2, validate_min=True)
    formset = make({"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0", "form-0-legal_name": ""})

    links = fields.error_links(formset)

    assert {"text": "Please submit at least 2 forms.", "id": "", "label": ""} in links
    assert "id_form-0-legal_name" in {link["id"] for link in links}


def test_hidden_values_are_escaped():
    assert fields.hidden_inputs({"version": 3, "note": '"'}) == (
        '<input type="hidden" name="version" value="3"><input type="hidden" name="note" value="&quot;">'
    )


def test_what_is_needed_is_said_in_our_words():
    form = SampleForm({"founded": "2005.5"})

    assert form.errors["legal_name"] == ["This is needed."]
    assert forms.IntegerField().default_error_messages["invalid"] == "Give a whole number, for example 80."


class UploadForm(forms.Form):
    file = forms.FileField(label="File")


def test_form_with_a_file_is_sent_with_the_file():
    assert 'enctype="multipart/form-data"' in drawn(UploadForm())
