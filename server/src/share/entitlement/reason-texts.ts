/** Codes and English texts of the reasons that come from the program, not from a rule of a policy. */

export const ownReasonTexts = {
    status_applicant: "The partner is still an applicant",
    status_invited: "The partner is invited, and has not joined",
    status_active: "The partner is active",
    status_restricted: "The partner is restricted",
    status_suspended: "The partner is suspended",
    status_terminated: "The partner is terminated",
    status_declined: "The partner was declined",
    restriction_missing: "The partner is restricted, and no restriction is recorded",
    agreement_missing: "The agreement is not accepted",
    agreement_expired: "The agreement has expired: content is withheld until a lead accepts it",
    overdue_attestation: "The attestation is overdue: content is withheld until a lead submits it",
    overdue_regular_reports:
        "A regular report is overdue, zero reports included: content is withheld until the partner submits it",
    overdue_mailbox: "The mailbox verification is overdue: content is withheld",
    overdue_key: "There has been no usable key for too long: content is withheld",
    overdue_lead: "There has been no lead on the roster for too long: content is withheld",
    consent_none: "The partner is not invited to this embargo",
    consent_invited: "The partner has not answered the invitation to this embargo",
    consent_signatory: "The partner is a signatory of this embargo",
    consent_expired: "The partner's consent to this embargo has expired",
    consent_declined: "The partner declined this embargo",
    case_content_deleted: "The content of the case was deleted",
    case_cancelled: "The case was cancelled: none of its artifacts is released",
    case_withdrawn: "The case was withdrawn: no further artifact is released",
    recalled: "The operator recalled it: no partner can read it",
    class_restricted: "A measure withholds a class from this partner",
    restricted_to_publication: "A measure restricts this partner to publication",
    no_rule: "No rule gives this class to any partner",
} as const

/** The code of a reason that comes from the program. */
export type ReasonCode = keyof typeof ownReasonTexts
export const reasonCodes = Object.keys(ownReasonTexts) as ReasonCode[]

/** Returns a reason that comes from the program. `policy` names the precondition: `status`, `recall` or another. */
export const ownReason = (policy: string, code: ReasonCode, effect: "forbids" | "unmet" = "forbids") => ({
    policy,
    code,
    title: ownReasonTexts[code],
    effect,
})
