/**
 * The quarantine of a database that is behind its signed state: shown on every screen until two people reconcile it.
 */
import type { ReactNode } from "react"
import { type AnswerTo, useRead, writeTo } from "../api.ts"
import { Opens } from "../../kit/dialog.tsx"
import { AskForm } from "../../kit/form.tsx"
import { When } from "../../kit/instant.tsx"
import { Notice } from "../../kit/notice.tsx"
import { Badge, Table } from "../../kit/table.tsx"
import { useApprovals } from "../release/approval-reads.ts"
import { SignDialog } from "../release/approvals.tsx"
import { CarryOut } from "../release/apply-approval.tsx"
import { endedLines, reasonTexts } from "./quarantine-words.ts"
import { useNames, useWhyNot } from "../artifacts/viewer.tsx"
import { decimalText, rich, t } from "../../messages/message.ts"

type Quarantine = NonNullable<State["quarantine"]>

type State = AnswerTo<"/api/quarantine">

export function QuarantineNotice() {
    const state = useRead("/api/quarantine").data
    const quarantine = state?.quarantine ?? null
    return (
        <>
            {quarantine !== null && (
                <Notice tone="bad">
                    <span>
                        {rich(
                            "<strong>Quarantine: no partner is served</strong> since {since}. The database does not continue what this program has signed.",
                            { strong: (text) => <strong>{text}</strong>, since: <When at={quarantine.since} short /> },
                        )}
                    </span>
                    <span className="row">
                        <Details quarantine={quarantine} />
                        <Reconcile quarantine={quarantine} />
                    </span>
                </Notice>
            )}
            {state?.damagedSince !== undefined && state.damagedSince !== null && (
                <Notice tone="bad">
                    <span>
                        {rich(
                            "<strong>The audit log is damaged</strong> since {since}. No new event is signed. Verify the record, then restore the damaged leaf.",
                            {
                                strong: (text) => <strong>{text}</strong>,
                                since: <When at={state.damagedSince} short />,
                            },
                        )}
                    </span>
                </Notice>
            )}
        </>
    )
}

function Details({ quarantine: { reasons, files, applied } }: { quarantine: Quarantine }) {
    const names = useNames()
    const isSpent = ({ kind }: Quarantine["applied"][number]) => kind === "spent_budget"
    const ended = (outcome: "applied" | "refused") => applied.filter((end) => end.outcome === outcome && !isSpent(end))
    const spent = applied.filter(isSpent)
    const [again, refused] = [ended("applied").length, ended("refused").length]
    const isRead = !reasons.some((reason) => reason === "file_missing" || reason === "file_damaged")
    return (
        <Opens button={t("What is missing…")} title={t("Quarantine")}>
            {() => (
                <>
                    <ul>
                        {reasons.map((reason) => (
                            <li key={reason}>{reasonTexts[reason]}</li>
                        ))}
                    </ul>
                    {files.map((compared) => (
                        <Compared key={compared.id} compared={compared} isRead={isRead} />
                    ))}
                    {again > 0 && <List title={t("Ended again")} lines={endedLines(ended("applied"), names.partner)} />}
                    {refused > 0 && (
                        <List title={t("End by hand")} lines={endedLines(ended("refused"), names.partner)} />
                    )}
                    {spent.length > 0 && (
                        <List title={t("Spent before the restore")} lines={endedLines(spent, names.partner)} />
                    )}
                    <p>
                        {isRead ? endedAgain(again) : unread} {refused > 0 && refusedText(refused)}{" "}
                        {t(
                            "Restrictions, recalls, tiers, frozen waves, roles of staff and rotated secrets that changed since are not in the file: decide them again.",
                        )}
                    </p>
                </>
            )}
        </Opens>
    )
}

type ComparedFile = Quarantine["files"][number]

/** Compares the high-water file with the database. */
function Compared({ compared: { file, database }, isRead }: { compared: ComparedFile; isRead: boolean }) {
    const rows: readonly [name: string, inFile: ReactNode, inDatabase: ReactNode][] = [
        [t("Signed events"), decimalText(file.auditLog, 0), decimalText(database.auditLog, 0)],
        [t("Receipt batches"), decimalText(file.receiptLog, 0), decimalText(database.receiptLog, 0)],
        [t("Latest time"), <When key="file" at={file.program} short />, <When key="db" at={database.program} short />],
    ]
    return (
        <Table
            caption={t("The file and the database")}
            rows={rows}
            keyOf={([name]) => name}
            columns={[
                { name: t("Compared"), cell: ([name]) => <strong>{name}</strong> },
                { name: t("High-water file"), cell: ([, inFile]) => (isRead ? inFile : t("not known")) },
                { name: t("Database"), cell: ([, , inDatabase]) => inDatabase },
            ]}
        />
    )
}

function List({ title, lines }: { title: string; lines: readonly string[] }) {
    return (
        <>
            <h3>{title}</h3>
            <ul>
                {lines.map((line) => (
                    <li key={line}>{line}</li>
                ))}
            </ul>
        </>
    )
}

const unread = t(
    "The file cannot be read: look by hand for suspensions and other ends of access that the database lacks.",
)

function endedAgain(count: number): string {
    if (count === 0) return t("The file names no end of access that the database lacks.")
    return t("Tocsin applied {count, plural, one {# end of access} other {# ends of access}} from the file again.", {
        count,
    })
}

const refusedText = (refused: number): string =>
    t("{refused, plural, one {# more was refused: end it by hand.} other {# more were refused: end them by hand.}}", {
        refused,
    })

/** Reconciles the database: one person requests, another signs, and either applies. */
function Reconcile({ quarantine }: { quarantine: Quarantine }) {
    const lacks = useWhyNot()("quarantine:reconcile")
    const approvals = useApprovals().data
    const isOurs = ({ action, effects }: { action: string; effects: { detail?: unknown } }) =>
        action === "quarantine.reconcile" && (effects.detail as { quarantine: string }).quarantine === quarantine.id
    const waits = approvals?.pending.find(isOurs)
    const signed = approvals?.recent.find((approval) => approval.state === "signed" && isOurs(approval))
    if (signed !== undefined) return <CarryOut approval={signed} />
    if (waits !== undefined) {
        return (
            <>
                <Badge tone="due">{t("needs a second signature")}</Badge>
                {waits.maySign && <SignDialog approval={waits} />}
            </>
        )
    }
    if (lacks !== null) return null
    return (
        <Opens button={t("Reconcile…")} title={t("Reconcile the database")}>
            {(close) => (
                <>
                    <p>
                        {t(
                            "Partners are served from this database again. Missing data stays lost. A holder of the older checkpoint can see that the audit log continues differently. You cannot undo this. Needs a second signature.",
                        )}
                    </p>
                    <AskForm
                        requests={[
                            {
                                name: "receipts",
                                label: t("Receipts that partners hold, one a line"),
                                hint: t(
                                    "A receipt proves how long the receipt log was, and when. It names no suspension.",
                                ),
                                kind: "text",
                                optional: true,
                            },
                        ]}
                        submit={t("Request a signature")}
                        write={({ receipts }) =>
                            writeTo("POST", "/api/quarantine/reconcile", { receipts: linesOf(receipts) })
                        }
                        onDone={close}
                    />
                </>
            )}
        </Opens>
    )
}

const linesOf = (text: unknown): string[] =>
    typeof text === "string" ? text.split("\n").filter((line) => line.trim() !== "") : []
