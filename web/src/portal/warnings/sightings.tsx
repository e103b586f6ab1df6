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
import { useMe, useNameOf, useWhyNot } from "../viewer.ts"
import { isPast, warnedAt } from "./inbox.ts"
import { zeroReport } from "./zero-report.tsx"
import { When, wordsOf } from "../../kit/instant.tsx"
import { rich, t } from "../../messages/message.ts"

/** A warning, or the rest of a withdrawn one. */
type Reported = Pick<Warning, "id" | "vulnerabilities" | "published" | "withdrawnAt" | "artifacts">

/** Reports about held copies. The partner can report exploitation even when the warning is out of reach. */
export function HeldSightings({ id }: { id: string }) {
    const receipts = useRead("/api/receipts")
    if (!receipts.data?.receipts.some(({ warning }) => warning === id)) return null
    return (
        <SightingsSection reported={{ id, vulnerabilities: [], published: false, withdrawnAt: null, artifacts: [] }} />
    )
}

export function SightingsSection({ reported }: { reported: Reported }) {
    const nameOf = useNameOf()
    const sightings = useRead(`/api/sightings?warning=${reported.id}`)
    return (
        <Section
            title={t("Exploitation reports")}
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
                        <Empty title={t("No reports yet.")}>
                            {t(
                                "If you see exploitation, report it at once, even with few details. A zero report says that you searched and saw none.",
                            )}
                        </Empty>
                    ) : (
                        <SightingsTable
                            caption={t("Exploitation reports of your organisation, newest first")}
                            rows={sightings}
                            keyOf={({ id }) => id}
                            by={{ name: t("By"), cell: ({ person }) => nameOf(person) }}
                            action={{ name: t("Action"), cell: (item) => <Withdraw sighting={item} />, end: true }}
                        />
                    )
                }
            </Loaded>
        </Section>
    )
}

/** The two reports of exploitation in the rail: a zero report in one click, and a sighting. */
export function ExploitationPanel({ warning }: { warning: Warning }) {
    const last = useRead(`/api/sightings?warning=${warning.id}`).data?.sightings.find(
        ({ withdrawnAt }) => withdrawnAt === null,
    )
    return (
        <section className="panel pad" aria-label={t("Exploitation")}>
            <h2>{t("Exploitation")}</h2>
            <div className="pair">
                <Do write={zeroReport(warning.id, warnedAt(warning))} disabledReason={useWhyNot()("sighting:own")}>
                    {t("Send zero report")}
                </Do>
                <ReportDialog reported={warning} kind={seen} />
            </div>
            {last !== undefined && (
                <p className="small soft">
                    <LastReport sighting={last} />
                </p>
            )}
            <p className="small muted">
                {t(
                    "A zero report says that you searched since the warning and saw nothing. Only the operator sees it.",
                )}
            </p>
        </section>
    )
}

function LastReport({ sighting: { zeroReportSince, reportedAt } }: { sighting: ShownSighting }) {
    const at = <When at={reportedAt} short />
    return zeroReportSince === null
        ? rich("Last report: sighting, {reportedAt}", { reportedAt: at })
        : rich("Last report: zero report, {reportedAt}", { reportedAt: at })
}

/** Withdraws a report. It stays in the list and with the operator, who may have acted on it. */
function Withdraw({ sighting }: { sighting: ShownSighting }) {
    const disabledReason = useWhyNot()("sighting:own")
    if (sighting.withdrawnAt !== null) return null
    return (
        <Opens
            disabledReason={disabledReason}
            title={t("Withdraw this report?")}
            button={
                <>
                    {rich("Withdraw… <unseen>the report of {reportedAt}</unseen>", {
                        unseen: (text) => <span className="unseen">{text}</span>,
                        reportedAt: wordsOf(sighting.reportedAt),
                    })}
                </>
            }
        >
            {(close) => (
                <>
                    <p>
                        {t(
                            "The operator still sees the report, marked as withdrawn, and may have acted on it. You cannot undo this. If the report was right, send it again.",
                        )}
                    </p>
                    <div className="row end">
                        <Do
                            look="main"
                            write={writeTo("POST", `/api/sightings/${sighting.id}/withdraw`)}
                            onDone={close}
                        >
                            {t("Withdraw report")}
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
    readonly hints: Readonly<Record<"product" | "indicators" | "confidence" | "note", string>>
}

const seen: Kind = {
    button: t("Report sighting…"),
    title: t("Report sighting"),
    isZero: false,
    hints: {
        product: t("The attacked product, with its version if you know it. {max} characters at most.", {
            max: productMax,
        }),
        indicators: t("Addresses, hashes, patterns, one a line. {lines} lines of {characters} characters at most.", {
            lines: indicatorsMax,
            characters: indicatorMax,
        }),
        confidence: t("How sure you are that it was exploitation, 0 to 100."),
        note: t("What you saw, and where."),
    },
}
const zero: Kind = {
    button: t("Zero report with details…"),
    title: t("Zero report"),
    isZero: true,
    hints: {
        product: t("Where you searched, with its version if you know it. {max} characters at most.", {
            max: productMax,
        }),
        indicators: t("What you searched for, one a line. {lines} lines of {characters} characters at most.", {
            lines: indicatorsMax,
            characters: indicatorMax,
        }),
        confidence: t("How sure you are that you would have seen it, 0 to 100."),
        note: t("How you searched."),
    },
}

function ReportDialog({ reported, kind }: { reported: Reported; kind: Kind }) {
    const sent = useRef({ input: "", id: "" })
    /** Keeps the id of an unchanged report, so that a retry without an answer is the same report. */
    const idFor = (input: string): string => {
        if (sent.current.input !== input) sent.current = { input, id: crypto.randomUUID() }
        return sent.current.id
    }
    return (
        <FormDialog
            button={kind.button}
            title={kind.title}
            submit={kind.isZero ? t("Send zero report") : t("Report sighting")}
            disabledReason={useWhyNot()("sighting:own")}
            requests={ask(reported, kind, useMe().now)}
            write={(answers) => {
                const report = { warning: reported.id, ...reportOf(answers) }
                return writeTo("POST", "/api/sightings", { id: idFor(JSON.stringify(report)), ...report })
            }}
            onDone={() => (sent.current = { input: "", id: "" })}
        >
            {kind.isZero ? <ZeroNote /> : <SightingNote reported={reported} />}
        </FormDialog>
    )
}

function SightingNote({ reported }: { reported: Reported }) {
    return (
        <p>
            {isPast(reported)
                ? t("The operator sees the report with your name. Other partners do not. Only the time is required.")
                : t(
                      "The operator sees the report with your name. Other partners do not see it. The parties of the embargo learn that exploitation was seen, without your name. Only the time is required.",
                  )}
        </p>
    )
}

function ZeroNote() {
    return (
        <p>
            {t(
                "A zero report says that you searched and saw no exploitation. The operator sees it with your name. Other partners do not.",
            )}
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

const searchedSince = (reported: Reported) => ({
    name: "zeroReportSince" as const,
    label: t("Searched since"),
    kind: "instant" as const,
    initial: warnedAt(reported) ?? "",
    codes: ["sighting.bad_period"],
})

const ask = (reported: Reported, { isZero, hints }: Kind, now: string) =>
    [
        ...(isZero ? [searchedSince(reported)] : []),
        {
            name: "observedAt",
            label: isZero ? t("Until") : t("Seen at"),
            kind: "instant",
            initial: now,
            codes: ["sighting.in_the_future"],
        },
        {
            name: "clock",
            label: t("Your clock"),
            kind: "choice",
            initial: "unknown",
            from: clockQualities.map((value) => ({ value, name: clockNames[value] })),
        },
        {
            name: "product",
            label: t("Product"),
            kind: "line",
            optional: true,
            hint: hints.product,
            from: [...new Set(productsOf(reported.vulnerabilities).map(productName))]
                .slice(0, offeredMax)
                .map((value) => ({ value, name: value })),
            check: (product) => refused({ product: product.trim() }),
        },
        {
            name: "indicators",
            label: t("Indicators"),
            kind: "text",
            optional: true,
            hint: hints.indicators,
            check: (text) => refused({ indicators: linesIn(text) }),
        },
        {
            name: "confidence",
            label: t("Confidence in percent"),
            kind: "number",
            optional: true,
            hint: hints.confidence,
            check: (text) => refused({ confidence: confidenceIn(text) }),
        },
        {
            name: "note",
            label: t("Note"),
            kind: "text",
            optional: true,
            length: { min: 0, max: noteMax },
            hint: hints.note,
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
