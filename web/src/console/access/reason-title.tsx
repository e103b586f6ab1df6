/** The title of a reason: a sentence of the product in the reader's language, or the rule's title as its author wrote it. */
import type { ReactNode } from "react"
import type { ReasonCode } from "../../../../server/src/share/entitlement/reason-texts.ts"
import type { Decision } from "../answers.ts"
import { t, valueText } from "../../messages/message.ts"

const reasonTexts: Readonly<Record<ReasonCode, string>> = {
    status_applicant: t("The partner is still an applicant"),
    status_invited: t("The partner is invited, and has not joined"),
    status_active: t("The partner is active"),
    status_restricted: t("The partner is restricted"),
    status_suspended: t("The partner is suspended"),
    status_terminated: t("The partner is terminated"),
    status_declined: t("The partner was declined"),
    restriction_missing: t("The partner is restricted, and no restriction is recorded"),
    agreement_missing: t("The agreement is not accepted"),
    agreement_expired: t("The agreement has expired: content is withheld until a lead accepts it"),
    overdue_attestation: t("The attestation is overdue: content is withheld until a lead submits it"),
    overdue_regular_reports: t(
        "A regular report is overdue, zero reports included: content is withheld until the partner submits it",
    ),
    overdue_mailbox: t("The mailbox verification is overdue: content is withheld"),
    overdue_key: t("There has been no usable key for too long: content is withheld"),
    overdue_lead: t("There has been no lead on the roster for too long: content is withheld"),
    consent_none: t("The partner is not invited to this embargo"),
    consent_invited: t("The partner has not answered the invitation to this embargo"),
    consent_signatory: t("The partner is a signatory of this embargo"),
    consent_expired: t("The partner's consent to this embargo has expired"),
    consent_declined: t("The partner declined this embargo"),
    case_content_deleted: t("The content of the case was deleted"),
    case_cancelled: t("The case was cancelled: none of its artifacts is released"),
    case_withdrawn: t("The case was withdrawn: no further artifact is released"),
    recalled: t("The operator recalled it: no partner can read it"),
    class_restricted: t("A measure withholds a class from this partner"),
    restricted_to_publication: t("A measure restricts this partner to publication"),
    no_rule: t("No rule gives this class to any partner"),
}

type Reason = Pick<Decision["reasons"][number], "title" | "code" | "withheldClass">

/** The title as text, where it is a part of a sentence. */
export const reasonTitle = ({ title, code, withheldClass }: Reason): string =>
    code === undefined
        ? title
        : withheldClass === undefined
          ? reasonTexts[code]
          : t("A measure withholds the class “{class}” from this partner", { class: valueText(withheldClass) })

export function ReasonTitle({ reason }: { reason: Reason }): ReactNode {
    return reason.code === undefined ? <span lang="en">{reason.title}</span> : reasonTitle(reason)
}
