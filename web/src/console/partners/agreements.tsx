/** The agreement's versions: the current text, the form for the next version, and who accepted which. */
import { Link } from "@tanstack/react-router"
import { useState } from "react"
import { parseInstant } from "@tocsin/base/instant"
import { useAnswer, writeTo, type AnswerTo } from "../api.ts"
import { Field } from "../../kit/field.tsx"
import { When } from "../../kit/instant.tsx"
import { Empty, Loaded, Notice } from "../../kit/notice.tsx"
import { Opens } from "../../kit/dialog.tsx"
import { RowsForm } from "../../kit/rows-form.tsx"
import type { Row } from "../../kit/rows.tsx"
import { Reading } from "../../kit/scroll.tsx"
import { Page } from "../../kit/layout/page.tsx"
import { Badge, PagedTable, Section, Table } from "../../kit/table.tsx"
import type { Agreement, PartnerRow } from "../answers.ts"
import { Changed } from "../release/change-preview.tsx"
import { Obligations, obligationFields, obligationOf, rowOf } from "../cases/embargo/obligations.tsx"
import { AgreementBadge } from "./status-badge.tsx"
import { useCan, useMayRead, useNow, usePartners, useWhyNot } from "../artifacts/viewer.tsx"
import { rich, t } from "../../messages/message.ts"

const useAgreements = () => useMayRead("agreement:read", "/api/agreements")

export function Agreements() {
    const agreements = useAgreements()
    const newest = agreements.data?.agreements.at(-1)
    return (
        <Page
            title={t("Agreement")}
            lead={t("Partners get content only after a lead accepts the agreement.")}
            aside={agreements.data !== undefined && <Write from={newest} />}
        >
            <Loaded query={agreements}>
                {({ agreements }) => (
                    <>
                        <Section title={t("Versions")}>
                            {agreements.length === 0 ? (
                                <Empty title={t("No agreement yet.")}>
                                    {t("Partners get content only after a lead accepts one.")}
                                </Empty>
                            ) : (
                                <Versions agreements={agreements.toReversed()} />
                            )}
                        </Section>
                        {agreements.length > 0 && <Acceptances newest={agreements.length} />}
                    </>
                )}
            </Loaded>
        </Page>
    )
}

const termOf = ({ termDays }: Agreement): string =>
    termDays === null
        ? t("until the next version")
        : t("{days, plural, one {# day} other {# days}}", { days: termDays })

const consentOf = ({ longestEmbargoDays: days }: Agreement): string =>
    days === 0 ? t("none") : t("{days, plural, one {# day} other {# days}} at most", { days })

function Versions({ agreements }: { agreements: readonly Agreement[] }) {
    return (
        <Table
            caption={t("Versions of the agreement, newest first")}
            rows={agreements}
            keyOf={({ version }) => String(version)}
            columns={[
                { name: t("Version"), cell: ({ version }) => version, end: true },
                { name: t("Written"), cell: ({ since }) => <When at={since} short /> },
                { name: t("Applies from"), cell: ({ appliesAt }) => <When at={appliesAt} short /> },
                { name: t("Acceptance valid for"), cell: termOf },
                { name: t("Advance consent"), cell: consentOf },
                { name: t("Obligations"), cell: ({ obligations }) => obligations.length, end: true },
                {
                    name: t("State"),
                    cell: (agreement) => <State agreement={agreement} agreements={agreements} />,
                },
                {
                    name: t("Actions"),
                    end: true,
                    cell: (agreement) => (
                        <Opens
                            button={
                                <>
                                    {rich("Read… <unseen>version {version}</unseen>", {
                                        unseen: (text) => <span className="unseen">{text}</span>,
                                        version: agreement.version,
                                    })}
                                </>
                            }
                            title={t("Agreement, version {version}", { version: agreement.version })}
                            wide
                        >
                            {() => (
                                <>
                                    <Obligations obligations={agreement.obligations} />
                                    <Reading
                                        label={t("Text of version {version}", { version: agreement.version })}
                                        text={agreement.text}
                                    />
                                </>
                            )}
                        </Opens>
                    ),
                },
            ]}
        />
    )
}

function State({ agreement, agreements }: { agreement: Agreement; agreements: readonly Agreement[] }) {
    const now = useNow()
    const hasCome = ({ appliesAt }: Agreement) => parseInstant(appliesAt) <= parseInstant(now)
    if (agreement === agreements.find(hasCome)) return <Badge tone="good">{t("active")}</Badge>
    return hasCome(agreement) ? <Badge>{t("replaced")}</Badge> : <Badge tone="due">{t("planned")}</Badge>
}

function Acceptances({ newest }: { newest: number }) {
    const partners = usePartners()
    return (
        <Section title={t("Acceptances")}>
            <Loaded query={partners}>
                {({ partners }) =>
                    partners.length === 0 ? (
                        <Empty title={t("No partners yet.")} />
                    ) : (
                        <PagedTable
                            dense
                            caption={t("Acceptances by partner")}
                            rows={partners.toSorted((a, b) => a.name.localeCompare(b.name))}
                            keyOf={({ id }) => id}
                            columns={[
                                {
                                    name: t("Partner"),
                                    cell: ({ id, name }) => <Link to={`/partners/${id}`}>{name}</Link>,
                                },
                                { name: t("State"), cell: (row) => <AgreementBadge partner={row} /> },
                                { name: t("Version"), cell: (row) => versionOf(row, newest) },
                                {
                                    name: t("Accepted"),
                                    cell: ({ accepted }) => <When at={accepted?.at ?? null} short />,
                                },
                                { name: t("Ends"), cell: untilOf },
                            ]}
                        />
                    )
                }
            </Loaded>
        </Section>
    )
}

function versionOf({ accepted }: PartnerRow, newest: number): string {
    if (accepted === null) return t("none")
    return accepted.version === newest
        ? String(newest)
        : t("{version} of {newest}", { version: accepted.version, newest })
}

function untilOf({ accepted }: PartnerRow) {
    if (accepted === null) return null
    return accepted.endsAt === null ? t("with the next version") : <When at={accepted.endsAt} short />
}

function Write({ from }: { from: Agreement | undefined }) {
    const disabledReason = useWhyNot()("agreement:write")
    return (
        <Opens
            button={t("New version…")}
            title={t("New version of the agreement")}
            look={from === undefined ? "main" : "plain"}
            wide
            disabledReason={disabledReason}
        >
            {(close) => <WriteForm from={from} onDone={close} />}
        </Opens>
    )
}

const daysIn = (input: string): number | null => {
    if (!/^\s*\d*\s*$/.test(input)) throw new Error(t("“{input}” must be a whole number of days", { input }))
    return input.trim() === "" ? null : Number(input)
}

const initialDays = (days: number | null | undefined): string => String(days ?? "")

const startChoices = [
    { value: "after_notice", name: t("after the notice period") },
    { value: "at_once", name: t("at once") },
] as const

type AgreementPreview = AnswerTo<"/api/agreements/preview", "POST">

/** Confirms that the author saw the preview, if the version locks out a partner without notice. */
const seenIn = (preview: AgreementPreview | undefined) => (preview?.isShort === true ? { seen: preview.seen } : {})

function Effects({ agreementPreview }: { agreementPreview: AgreementPreview }) {
    return (
        <section aria-label={t("Effects")}>
            <Notice tone={agreementPreview.isShort ? "bad" : "due"}>
                <span>
                    {rich(
                        "From {start}, {count, plural, one {# partner gets} other {# partners get}} no content until a lead accepts this version. {notice, select, none {They get no notice period.} other {They are notified at once, and reminded until then.}}",
                        {
                            start: <When at={agreementPreview.appliesAt} short />,
                            count: agreementPreview.partners.length,
                            notice: agreementPreview.isShort ? "none" : "given",
                        },
                    )}
                </span>
            </Notice>
            <Changed differences={agreementPreview.differences} alone={false} />
        </section>
    )
}

function WriteForm({ from, onDone }: { from: Agreement | undefined; onDone: () => void }) {
    const [text, setText] = useState(from?.text ?? "")
    const [term, setTerm] = useState(initialDays(from?.termDays))
    const [longest, setLongest] = useState(initialDays(from?.longestEmbargoDays))
    const [starts, setStarts] = useState("after_notice")
    const request = starts === "at_once" ? { applies: "at_once" } : {}
    const saying = (days: number | null) => ({ ...request, ...(days === null ? {} : { longestEmbargoDays: days }) })
    const input = saying(/^\s*\d+\s*$/.test(longest) ? Number(longest) : null)
    const preview = useAnswer("/api/agreements/preview", useCan()("entitlement:read") ? input : null)
    const initial = (from?.obligations ?? []).map(rowOf)
    const hint = t("attestations and regular reports become due by these; write the same in the text")
    const writeIt = (rows: readonly Row[] = []) => {
        const body = { text, termDays: daysIn(term), obligations: rows.map(obligationOf) }
        return writeTo("POST", "/api/agreements", { ...body, ...saying(daysIn(longest)), ...seenIn(preview.data) })
    }
    return (
        <RowsForm
            submit={from === undefined ? t("Activate agreement") : t("Add version")}
            look={from === undefined ? "main" : "danger"}
            requests={[{ many: t("Obligations"), singular: "obligation", fields: obligationFields, initial, hint }]}
            write={writeIt}
            onDone={onDone}
        >
            {from !== undefined && (
                <>
                    <Field kind="choice" label={t("Applies")} value={starts} onChange={setStarts} from={startChoices} />
                    <Loaded query={preview}>
                        {(agreementPreview) => <Effects agreementPreview={agreementPreview} />}
                    </Loaded>
                </>
            )}
            <Field kind="file" label={t("Text")} value={text} onChange={setText} />
            <Field
                kind="number"
                label={t("Days that an acceptance is valid")}
                optional
                value={term}
                onChange={setTerm}
                hint={t("empty: until the next version")}
            />
            <Field
                kind="number"
                label={t("Advance consent: longest embargo in days")}
                optional
                value={longest}
                onChange={setLongest}
                hint={t(
                    "0: partners are asked about each case; empty: as in the program rules; more than before needs a second signature",
                )}
            />
        </RowsForm>
    )
}
