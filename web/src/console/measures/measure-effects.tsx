/** Describes in words what two people sign about a partner. */
import { valueText } from "@tocsin/base/value-text"
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

export function detail(approval: Approval): Readonly<Record<string, unknown>> {
    const detail = approval.effects.detail
    return typeof detail === "object" && detail !== null && !Array.isArray(detail) ? { ...detail } : {}
}

/** Returns what stays restricted; null: everything ends, or the approval is for another action. */
export function easesTo(approval: Approval): Restriction | null {
    if (approval.action !== "partner.relax_restriction") return null
    return JSON.parse(String(detail(approval).restriction)) as Restriction | null
}

const person = (approval: Approval, names: Names): string => approval.effects.recipients.map(names.partner).join(", ")
const toProcedure = (id: unknown) => <Link to={`/leaks/procedures/${String(id)}`}>the procedure</Link>

export const measureActs: Readonly<Record<string, (approval: Approval, names: Names) => ReactNode>> = {
    "partner.relax_restriction": (approval, names) => {
        const left = easesTo(approval)
        if (left === null) return `The restriction of ${person(approval, names)} ends`
        return (
            <>
                {person(approval, names)} stays restricted in this: <RestrictionWords restriction={left} />
            </>
        )
    },
    "partner.reinstate": (approval, names) => {
        const { from, status } = detail(approval)
        if (status === "active") return `The suspension of ${person(approval, names)} ends`
        return `The ${valueText(String(from))} of ${person(approval, names)} ends; another decision keeps the partner ${valueText(String(status))}`
    },
    "measure.extend": (approval, names) => {
        const { reviewBy, procedure } = detail(approval)
        if (typeof reviewBy !== "number") {
            return (
                <>
                    {person(approval, names)} stays suspended until {toProcedure(procedure)} is decided
                </>
            )
        }
        return (
            <>
                {person(approval, names)} stays suspended; two people review it again by{" "}
                <When at={formatInstant(reviewBy)} />
            </>
        )
    },
    "measure.sanction": (approval, names) => <Decided approval={approval} names={names} />,
    "measure.appeal": (approval, names) => <Decided approval={approval} names={names} />,
}

function Decided({ approval, names }: { approval: Approval; names: Names }) {
    const { outcome, returnFrom, procedure } = detail(approval)
    return (
        <>
            {approval.action === "measure.appeal" && "On appeal: "}
            {outcomeNames[outcome as Outcome]} for {person(approval, names)}
            {typeof returnFrom === "number" && (
                <>
                    , return possible from <When at={formatInstant(returnFrom)} short />
                </>
            )}{" "}
            (see {toProcedure(procedure)})
        </>
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
                      "Reason",
                      <p key="r" className="letter">
                          {reason}
                      </p>,
                  ] as const,
              ]
            : []),
        ...(typeof terms === "string"
            ? [
                  [
                      "Terms",
                      <p key="t" className="letter">
                          {terms}
                      </p>,
                  ] as const,
              ]
            : []),
        ...(text
            ? [
                  [
                      "Letter",
                      <div key="l" className="card">
                          <strong>{text.subject}</strong>
                          <p className="letter">{text.text}</p>
                          {text.text.includes("[held]") && (
                              <p className="muted">
                                  Tocsin fills the fields in square brackets when it sends the letter: [held] lists what
                                  the partner has fetched.
                              </p>
                          )}
                      </div>,
                  ] as const,
              ]
            : []),
    ]
}
