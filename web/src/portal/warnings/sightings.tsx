/**
 * This partner's reports about exploitation, including zero reports: sent to the operator, and shown to no other
 * partner.
 */
import { useRef } from "react"
import { productName, productsOf } from "@tocsin/formats/advisory/product"
import { clockQualities, noteMax } from "@tocsin/client/limits"
import {
    type Report,
    indicatorMax,
    indicatorsMax,
    validateReport,
    productMax,
} from "../../../../server/src/trace/sightings/sighting.ts"
import { useRead, writeTo } from "../api.ts"
import { Do } from "../../kit/button.tsx"
import { Opens } from "../../kit/dialog.tsx"
import { type AnswersTo, type Asked, FormDialog, faultBy, linesIn } from "../../kit/form.tsx"
import { Empty, Loaded } from "../../kit/notice.tsx"
import { type ShownSighting, SightingsTable } from "../../kit/sightings.tsx"
import { Section } from "../../kit/table.tsx"
import { clockNames } from "../../kit/text.ts"
import type { Warning } from "../answers.ts"
import { isPast } from "./embargoes.tsx"
import { useNameOf, useWhyNot } from "../viewer.ts"
import { wordsOf } from "../../kit/instant.tsx"

/** A warning, or the rest of a withdrawn one. */
type Reported = Pick<Warning, "id" | "vulnerabilities" | "published" | "withdrawnAt">

/** Reports about held copies. The partner can report exploitation even when the warning is out of reach. */
export function HeldSightings({ id }: { id: string }) {
    const receipts = useRead("/api/receipts")
    if (!receipts.data?.receipts.some(({ warning }) => warning === id)) return null
    return <SightingsSection reported={{ id, vulnerabilities: [], published: false, withdrawnAt: null }} />
}

export function SightingsSection({ reported }: { reported: Reported }) {
    const nameOf = useNameOf()
    const sightings = useRead(`/api/sightings?warning=${reported.id}`)
    return (
        <Section
            title="Exploitation you saw"
            aside={
                <span className="row">
                    <ReportDialog reported={reported} kind={zero} />
                    <ReportDialog reported={reported} kind={seen} />
                </span>
            }
        >
            <Loaded query={sightings}>
                {({ sightings }) =>
                    sightings.length === 0 ? (
                        <Empty title="You have reported none.">
                            If you observe exploitation, report it at once, even with few details. A report that you
                            looked and observed nothing helps too.
                        </Empty>
                    ) : (
                        <SightingsTable
                            caption="What your organisation reported of this warning, newest first"
                            rows={sightings}
                            keyOf={({ id }) => id}
                            by={{ name: "By", cell: ({ person }) => nameOf(person) }}
                            action={{ name: "Action", cell: (item) => <Withdraw sighting={item} />, end: true }}
                        />
                    )
                }
            </Loaded>
        </Section>
    )
}

/** Withdraws a report. It stays in the list and with the operator, who may have acted on it. */
function Withdraw({ sighting }: { sighting: ShownSighting }) {
    const disabledReason = useWhyNot()("sighting:own")
    if (sighting.withdrawnAt !== null) return null
    return (
        <Opens
            disabledReason={disabledReason}
            title="Withdraw a report"
            button={
                <>
                    Withdraw… <span className="unseen">the report of {wordsOf(sighting.reportedAt)}</span>
                </>
            }
        >
            {(close) => (
                <>
                    <p>
                        The program still sees it, as withdrawn, and may have acted on it. It counts no more, and cannot
                        be restored: if it was right after all, report it anew.
                    </p>
                    <div className="row end">
                        <Do
                            look="main"
                            write={writeTo("POST", `/api/sightings/${sighting.id}/withdraw`)}
                            onDone={close}
                        >
                            Withdraw the report
                        </Do>
                    </div>
                </>
            )}
        </Opens>
    )
}

interface Kind {
    readonly button: string
    readonly title: string
    readonly isZero: boolean
}

const seen: Kind = { button: "Report exploitation…", title: "Report exploitation", isZero: false }
const zero: Kind = { button: "Report that you saw none…", title: "Report that you saw none", isZero: true }

function ReportDialog({ reported, kind }: { reported: Reported; kind: Kind }) {
    const sent = useRef({ said: "", id: "" })
    /** Keeps the id of an unchanged report, so that a retry without an answer is the same report. */
    const idFor = (input: string): string => {
        if (sent.current.said !== input) sent.current = { said: input, id: crypto.randomUUID() }
        return sent.current.id
    }
    return (
        <FormDialog
            button={kind.button}
            title={kind.title}
            submit="Report it"
            disabledReason={useWhyNot()("sighting:own")}
            requests={ask(reported, kind)}
            write={(answers) => {
                const report = { warning: reported.id, ...reportOf(answers) }
                return writeTo("POST", "/api/sightings", { id: idFor(JSON.stringify(report)), ...report })
            }}
            onDone={() => (sent.current = { said: "", id: "" })}
        >
            {kind.isZero ? <ZeroWords /> : <SeenWords reported={reported} />}
        </FormDialog>
    )
}

function SeenWords({ reported }: { reported: Reported }) {
    return (
        <p>
            The program reads it, with your name
            {!isPast(reported) && ", and decides by it whether the embargo ends early"}. No other partner sees it
            {!isPast(reported) && "; whoever keeps the embargo is told that exploitation was seen, and not by whom"}. Of
            your own persons those see it who see this warning. A report stays as it was sent: where one was wrong,
            withdraw it.
        </p>
    )
}

function ZeroWords() {
    return (
        <p>
            A zero report: you looked where you would have seen it, and saw none. The program reads it, with your name;
            no other partner does. Of your own persons those see it who see this warning.
        </p>
    )
}

const sighted: Report = {
    observedAt: 0,
    zeroReportSince: null,
    clock: "unknown",
    product: "",
    indicators: [],
    confidence: null,
    note: "",
}
const refused = (part: Partial<Report>) => faultBy(() => validateReport({ ...sighted, ...part }, 0))
/** The number of the warning's products that the form offers. */
const offeredMax = 8
const confidenceIn = (text: string): number | null => (text.trim() === "" ? null : Number(text))

const ask = (reported: Reported, { isZero }: Kind) =>
    [
        ...(isZero
            ? [
                  {
                      name: "zeroReportSince",
                      label: "Looked since",
                      kind: "instant" as const,
                      codes: ["sighting.bad_period"],
                  },
              ]
            : []),
        { name: "observedAt", label: isZero ? "Until" : "Seen at", kind: "instant", codes: ["sighting.in_the_future"] },
        {
            name: "clock",
            label: "Your clock was",
            kind: "choice",
            initial: "unknown",
            from: clockQualities.map((value) => ({ value, name: clockNames[value] })),
        },
        {
            name: "product",
            label: "Product",
            kind: "line",
            optional: true,
            hint: `${isZero ? "Where you looked" : "In what it was seen"}, with its version where you know it. ${productMax} characters at most.`,
            from: [...new Set(productsOf(reported.vulnerabilities).map(productName))]
                .slice(0, offeredMax)
                .map((value) => ({ value, name: value })),
            check: (product) => refused({ product: product.trim() }),
        },
        {
            name: "indicators",
            label: "Indicators",
            kind: "text",
            optional: true,
            hint: `${isZero ? "What you looked for" : "Addresses, hashes, patterns"}: one a line, ${indicatorsMax} at most, each of ${indicatorMax} characters at most.`,
            check: (text) => refused({ indicators: linesIn(text) }),
        },
        {
            name: "confidence",
            label: "Confidence in percent",
            kind: "number",
            optional: true,
            hint: isZero
                ? "That you would have seen it, from 0 to 100."
                : "That it was what it looked like, from 0 to 100.",
            check: (text) => refused({ confidence: confidenceIn(text) }),
        },
        {
            name: "note",
            label: "Note",
            kind: "text",
            optional: true,
            length: { min: 0, max: noteMax },
            hint: isZero ? "How you looked." : "What was seen, and where.",
            check: (note) => refused({ note: note.trim() }),
        },
    ] as const satisfies readonly Asked[]

function reportOf(answers: AnswersTo<ReturnType<typeof ask>[number]>) {
    const { observedAt, zeroReportSince, clock, product, indicators, confidence, note } = answers
    return {
        observedAt,
        zeroReportSince: zeroReportSince ?? null,
        clock,
        product: product.trim(),
        indicators: linesIn(indicators),
        confidence: confidenceIn(confidence),
        note: note.trim(),
    }
}
