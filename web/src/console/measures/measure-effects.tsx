/** Describes in words what two people sign about a partner. */
import type { ReactNode } from "react"
import { formatInstant } from "@tocsin/base/instant"
import type { LetterText } from "../../../../server/src/trace/measures/letter.ts"
import type { Outcome } from "../../../../server/src/trace/measures/procedure.ts"
import type { Restriction } from "../release/change-preview.tsx"
import { Link } from "@tanstack/react-router"
import { When } from "../../kit/instant.tsx"
import type { Approval } from "../answers.ts"
import { outcomeNames } from "./procedure-answers.ts"
import { RestrictionWords } from "./restriction-text.tsx"
import type { Names } from "../artifacts/viewer.tsx"
import { rich, t, valueText } from "../../messages/message.ts"

export function detail(approval: Approval): Readonly<Record<string, unknown>> {
    const detail = approval.effects.detail
    return typeof detail === "object" && detail !== null && !Array.isArray(detail) ? { ...detail } : {}
}

/** Returns what stays restricted; null: everything ends, or the approval is for another action. */
export function easesTo(approval: Approval): Restriction | null {
    if (approval.action !== "partner.relax_restriction") return null
    return JSON.parse(String(detail(approval).restriction)) as Restriction | null
}

const partnerOf = (approval: Approval, names: Names): string =>
    approval.effects.recipients.map(names.partner).join(", ")

const linkTo = (procedure: unknown) => (text: ReactNode) => (
    <Link to={`/leaks/procedures/${String(procedure)}`}>{text}</Link>
)

export const measureActs: Readonly<Record<string, (approval: Approval, names: Names) => ReactNode>> = {
    "partner.relax_restriction": (approval, names) => {
        const left = easesTo(approval)
        const partner = partnerOf(approval, names)
        if (left === null) return t("The restriction of {partner} ends", { partner })
        return rich("{partner} stays restricted in this: {restriction}", {
            partner,
            restriction: <RestrictionWords restriction={left} />,
        })
    },
    "partner.reinstate": (approval, names) => {
        const { from, status } = detail(approval)
        const partner = partnerOf(approval, names)
        if (status === "active") return t("The suspension of {partner} ends", { partner })
        return t(
            "The {measure, select, interim_suspension {interim suspension} other {suspension}} of {partner} ends; " +
                "another decision keeps the partner {status}",
            { measure: String(from), partner, status: valueText(String(status)) },
        )
    },
    "measure.extend": (approval, names) => {
        const { reviewBy, procedure } = detail(approval)
        const partner = partnerOf(approval, names)
        if (typeof reviewBy !== "number") {
            return rich("{partner} stays suspended until <link>the procedure</link> is decided", {
                partner,
                link: linkTo(procedure),
            })
        }
        return rich("{partner} stays suspended; two people review it again by {reviewBy}", {
            partner,
            reviewBy: <When at={formatInstant(reviewBy)} />,
        })
    },
    "measure.sanction": (approval, names) => <Decided approval={approval} names={names} />,
    "measure.appeal": (approval, names) => <Decided approval={approval} names={names} />,
}

function Decided({ approval, names }: { approval: Approval; names: Names }) {
    const { outcome, returnFrom, procedure } = detail(approval)
    const decision = {
        stage: approval.action === "measure.appeal" ? "appeal" : "first",
        outcome: outcomeNames[outcome as Outcome],
        partner: partnerOf(approval, names),
        link: linkTo(procedure),
    }
    if (typeof returnFrom !== "number") {
        return rich(
            "{stage, select, appeal {On appeal: {outcome}} other {{outcome}}} for {partner} " +
                "(see <link>the procedure</link>)",
            decision,
        )
    }
    return rich(
        "{stage, select, appeal {On appeal: {outcome}} other {{outcome}}} for {partner}, " +
            "return possible from {returnFrom} (see <link>the procedure</link>)",
        { ...decision, returnFrom: <When at={formatInstant(returnFrom)} short /> },
    )
}

type Row = readonly [name: string, value: ReactNode]

/** Lists the texts that the effects contain as hashes, so that the signer reads them. */
export function measureRows(words: Readonly<Record<string, unknown>>): readonly Row[] {
    const { reason, terms, letter } = words
    const text = letter as LetterText | null | undefined
    return [
        ...(typeof reason === "string"
            ? [
                  [
                      t("Reason"),
                      <p key="r" className="letter">
                          {reason}
                      </p>,
                  ] as const,
              ]
            : []),
        ...(typeof terms === "string"
            ? [
                  [
                      t("Terms"),
                      <p key="t" className="letter">
                          {terms}
                      </p>,
                  ] as const,
              ]
            : []),
        ...(text
            ? [
                  [
                      t("Letter"),
                      <div key="l" className="card">
                          <strong>{text.subject}</strong>
                          <p className="letter">{text.text}</p>
                          {text.text.includes("[held]") && (
                              <p className="muted">
                                  {t(
                                      "Tocsin fills the fields in square brackets when it sends the letter: [held] lists what the partner has fetched.",
                                  )}
                              </p>
                          )}
                      </div>,
                  ] as const,
              ]
            : []),
    ]
}
