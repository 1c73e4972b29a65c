#include "jobs/published.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "inputs/study/question.h"
#include "jobs/inquiry.h"
#include "jobs/model.h"
#include "solver/base/team.h"

static enum status fail(const struct validation_row *row, const char *what, const char *expected,
                        struct status_why *why)
{
    return status_fail(why, STATUS_INPUT, "%s:%d: %s: %s", row->file, row->line, what, expected);
}

/* The law of a row, and the inputs of it that the row says by name. */
static enum status bind_law(MPI_Comm comm, const struct validation_row *row,
                            struct validation_subject *s, struct model *model,
                            struct status_why *why)
{
    enum status st = model_make(comm, &s->study, MODEL_POINT, NULL, NULL, model, why);
    if (st == STATUS_OK && (claim_needs(row->quantity) != CLAIM_ANY_LAW || s->ask[0] != '\0')) {
        st = predict_check(&model->predict, why);
    }
    for (size_t i = 0; st == STATUS_OK && i < s->n_law_inputs; i++) {
        const struct validation_law_input *said = &s->law_inputs[i];
        const int input = law_find_input(model->predict.law, said->name);
        if (input < 0) {
            st = fail(row, said->name, "the law does not read it", why);
        } else {
            s->claim.law_inputs[input] = said->value;
        }
    }
    s->claim.model = &model->predict;
    return st;
}

/* Put the answer of the row's question in the place of what its design gives. The catalogue is
 * that of the row, with its own figures. */
static enum status answer(const struct validation_row *row, struct validation_subject *s,
                          struct status_why *why)
{
    struct study_question question;
    struct inquiry inquiry;
    struct allocate_answer found;
    struct allocation allocation = {
        .study = &s->study, .model = s->claim.model, .catalogue = s->catalogue, .base = s->design};
    struct status_why inner;
    status_clear(&inner);
    enum status st =
        question_read(&s->study, (struct study_place){0}, "ask", s->ask, &question, &inner);
    if (st == STATUS_OK) {
        st = inquiry_make(&allocation, &question, &inquiry, &inner);
    }
    if (st != STATUS_OK) {
        return fail(row, "ask", inner.message, why);
    }
    const struct inquiry_case one = inquiry_case_at(&inquiry, 0, s->claim.model);
    const struct allocate_problem p = inquiry_problem(&one);
    st = inquiry_explain(&one, why);
    if (st == STATUS_OK) {
        st = allocate_solve(&p, ALLOCATE_AUTO, &found, why);
    }
    if (st == STATUS_OK && found.reason != ALLOCATE_SOLVED) {
        st = fail(row, s->ask, "has no answer", why);
    }
    if (st == STATUS_OK) {
        s->design = inquiry_design(&one, found.x);
    }
    return st;
}

/* One side of a figure: the row alone, or with what it is held against. */
static enum status compute_side(MPI_Comm comm, const struct validation_row *row, bool with_against,
                                const struct validation_tables *tables, double *value,
                                struct status_why *why)
{
    struct validation_subject *s = calloc(1, sizeof *s);
    struct model model = {0};
    enum status st = STATUS_OK;
    if (s == NULL) {
        return status_fail(why, STATUS_MEMORY, "%s:%d: no memory", row->file, row->line);
    }
    STATUS_TRY(validation_bind(comm, row, with_against, tables, s, why));
    const bool asks = s->ask[0] != '\0';
    if (claim_needs(row->quantity) != CLAIM_NO_LAW || asks) {
        STATUS_TRY(bind_law(comm, row, s, &model, why));
    }
    if (asks) {
        STATUS_TRY(answer(row, s, why));
    }
    *value = claim_value(row->quantity, &s->claim);
    if (isnan(*value)) {
        st = fail(row, row->quantity_name,
                  "cannot be computed: an input or a figure that it needs is absent, or lies "
                  "outside the domain of a model",
                  why);
    }
out:
    validation_clear(s);
    model_clear(&model);
    free(s);
    return st;
}

enum status published_compute(MPI_Comm comm, const struct validation_row *row,
                              const struct validation_tables *tables, struct published *made,
                              struct status_why *why)
{
    double value, against = 1.0;
    enum status st = compute_side(comm, row, false, tables, &value, why);
    if (st == STATUS_OK && row->form != CLAIM_VALUE) {
        st = compute_side(comm, row, true, tables, &against, why);
    }
    if (st == STATUS_OK) {
        made->value = claim_formed(row->form, value, against);
        made->verdict = validation_judge(row, made->value);
    }
    return team_agree(comm, st, why);
}
