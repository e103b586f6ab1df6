/** What two sign about a partner, in words. */
import type { ReactNode } from "react"
import { formatInstant } from "../../lib/instant.ts"
import type { LetterText } from "../../trace/measures/letter.ts"
import type { Outcome } from "../../trace/measures/procedure.ts"
import type { Restriction } from "../../trust/partners/facts.ts"
import { Link } from "@tanstack/react-router"
import { When } from "../kit/instant.tsx"
import type { Approval } from "./answers.ts"
import { outcomeNames } from "./procedure-answers.ts"
import { RestrictionWords } from "./restriction-words.tsx"
import type { Names } from "./viewer.tsx"

export function detail(of: Approval): Readonly<Record<string, unknown>> {
    const its = of.effects.detail
    return typeof its === "object" && its !== null && !Array.isArray(its) ? { ...its } : {}
}

/** What stays restricted; null where all of it ends, or it is another act. */
export function easesTo(of: Approval): Restriction | null {
    if (of.act !== "partner.relax_restriction") return null
    return JSON.parse(String(detail(of).restriction)) as Restriction | null
}

const who = (of: Approval, names: Names): string => of.effects.recipients.map(names.partner).join(", ")
const toProcedure = (id: unknown) => <Link to={`/procedures/${String(id)}`}>its procedure</Link>

export const measureActs: Readonly<Record<string, (of: Approval, names: Names) => ReactNode>> = {
    "partner.relax_restriction": (of, names) => {
        const left = easesTo(of)
        if (left === null) return `${who(of, names)} is restricted no longer`
        return (
            <>
                Of {who(of, names)}, this alone stays restricted: <RestrictionWords of={left} />
            </>
        )
    },
    "partner.reinstate": (of, names) => {
        const { from, standing } = detail(of)
        if (standing === "active") return `The suspension of ${who(of, names)} ends`
        return `The ${String(from)} of ${who(of, names)} ends; by another decision it stays ${String(standing)}`
    },
    "measure.extend": (of, names) => {
        const { reviewBy, procedure } = detail(of)
        if (typeof reviewBy !== "number") {
            return (
                <>
                    {who(of, names)} stays suspended until {toProcedure(procedure)} is decided
                </>
            )
        }
        return (
            <>
                {who(of, names)} stays suspended; it is looked at again until <When at={formatInstant(reviewBy)} />
            </>
        )
    },
    "measure.sanction": (of, names) => <Decided of={of} names={names} />,
    "measure.appeal": (of, names) => <Decided of={of} names={names} />,
}

function Decided({ of, names }: { of: Approval; names: Names }) {
    const { outcome, returnFrom, procedure } = detail(of)
    return (
        <>
            {of.act === "measure.appeal" && "On appeal: "}
            {outcomeNames[outcome as Outcome]} for {who(of, names)}
            {typeof returnFrom === "number" && (
                <>
                    , return from <When at={formatInstant(returnFrom)} short /> on
                </>
            )}{" "}
            (see {toProcedure(procedure)})
        </>
    )
}

type Row = readonly [name: string, value: ReactNode]

/** The words that the effects hold as a hash: whoever signs reads them. */
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
                                  What stands in square brackets is filled when it is sent: [held] with what the partner
                                  has fetched by then.
                              </p>
                          )}
                      </div>,
                  ] as const,
              ]
            : []),
    ]
}
