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
import { Badge, Section, Table } from "../../kit/table.tsx"
import type { Agreement, PartnerRow } from "../answers.ts"
import { Changed } from "../release/change-preview.tsx"
import { Obligations, obligationFields, obligationOf, rowOf } from "../cases/embargo/obligations.tsx"
import { AgreementBadge } from "./status-badge.tsx"
import { useCan, useMayRead, useNow, usePartners, useWhyNot } from "../artifacts/viewer.tsx"

const useAgreements = () => useMayRead("agreement:read", "/api/agreements")

export function Agreements() {
    const agreements = useAgreements()
    const newest = agreements.data?.agreements.at(-1)
    return (
        <Page
            title="Agreement"
            lead="Partners get content only after a lead accepts the agreement."
            aside={agreements.data !== undefined && <Write from={newest} />}
        >
            <Loaded query={agreements}>
                {({ agreements }) => (
                    <>
                        <Section title="Versions">
                            {agreements.length === 0 ? (
                                <Empty title="No agreement yet.">
                                    Partners get content only after a lead accepts one.
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

const termOf = ({ termDays }: Agreement): string => (termDays === null ? "until the next version" : `${termDays} days`)

const consentOf = ({ longestEmbargoDays: days }: Agreement): string => (days === 0 ? "none" : `${days} days at most`)

function Versions({ agreements }: { agreements: readonly Agreement[] }) {
    return (
        <Table
            caption="Versions of the agreement, newest first"
            rows={agreements}
            keyOf={({ version }) => String(version)}
            columns={[
                { name: "Version", cell: ({ version }) => version, end: true },
                { name: "Written", cell: ({ since }) => <When at={since} short /> },
                { name: "Applies from", cell: ({ appliesAt }) => <When at={appliesAt} short /> },
                { name: "Acceptance valid for", cell: termOf },
                { name: "Advance consent", cell: consentOf },
                { name: "Obligations", cell: ({ obligations }) => obligations.length, end: true },
                {
                    name: "State",
                    cell: (agreement) => <State agreement={agreement} agreements={agreements} />,
                },
                {
                    name: "Actions",
                    end: true,
                    cell: (agreement) => (
                        <Opens
                            button={
                                <>
                                    Read… <span className="unseen">version {agreement.version}</span>
                                </>
                            }
                            title={`Agreement, version ${agreement.version}`}
                            wide
                        >
                            {() => (
                                <>
                                    <Obligations obligations={agreement.obligations} />
                                    <Reading label={`Text of version ${agreement.version}`} text={agreement.text} />
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
    if (agreement === agreements.find(hasCome)) return <Badge tone="good">active</Badge>
    return hasCome(agreement) ? <Badge>replaced</Badge> : <Badge tone="due">planned</Badge>
}

function Acceptances({ newest }: { newest: number }) {
    const partners = usePartners()
    return (
        <Section title="Acceptances">
            <Loaded query={partners}>
                {({ partners }) =>
                    partners.length === 0 ? (
                        <Empty title="No partners yet." />
                    ) : (
                        <Table
                            caption="Acceptances by partner"
                            rows={partners.toSorted((a, b) => a.name.localeCompare(b.name))}
                            keyOf={({ id }) => id}
                            columns={[
                                { name: "Partner", cell: ({ id, name }) => <Link to={`/partners/${id}`}>{name}</Link> },
                                { name: "State", cell: (row) => <AgreementBadge partner={row} /> },
                                { name: "Version", cell: (row) => versionOf(row, newest) },
                                { name: "Accepted", cell: ({ accepted }) => <When at={accepted?.at ?? null} short /> },
                                { name: "Ends", cell: untilOf },
                            ]}
                        />
                    )
                }
            </Loaded>
        </Section>
    )
}

function versionOf({ accepted }: PartnerRow, newest: number): string {
    if (accepted === null) return "none"
    return accepted.version === newest ? String(newest) : `${accepted.version} of ${newest}`
}

function untilOf({ accepted }: PartnerRow) {
    if (accepted === null) return null
    return accepted.endsAt === null ? "with the next version" : <When at={accepted.endsAt} short />
}

function Write({ from }: { from: Agreement | undefined }) {
    const disabledReason = useWhyNot()("agreement:write")
    return (
        <Opens
            button="New version…"
            title="New version of the agreement"
            look={from === undefined ? "main" : "plain"}
            wide
            disabledReason={disabledReason}
        >
            {(close) => <WriteForm from={from} onDone={close} />}
        </Opens>
    )
}

const daysIn = (input: string): number | null => {
    if (!/^\s*\d*\s*$/.test(input)) throw new Error(`“${input}” must be a whole number of days`)
    return input.trim() === "" ? null : Number(input)
}

const initialDays = (days: number | null | undefined): string => String(days ?? "")

const startKinds = ["after the notice period", "at once"] as const
type Starts = (typeof startKinds)[number]

type AgreementPreview = AnswerTo<"/api/agreements/preview", "POST">

/** Confirms that the author saw the preview, if the version locks out a partner without notice. */
const seenIn = (preview: AgreementPreview | undefined) => (preview?.isShort === true ? { seen: preview.seen } : {})

function Effects({ agreementPreview }: { agreementPreview: AgreementPreview }) {
    return (
        <section aria-label="Effects">
            <Notice tone={agreementPreview.isShort ? "bad" : "due"}>
                <span>
                    From <When at={agreementPreview.appliesAt} short />, {agreementPreview.partners.length} partners get
                    no content until a lead accepts this version.{" "}
                    {agreementPreview.isShort
                        ? "They get no notice period."
                        : "They are notified at once, and reminded until then."}
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
    const [starts, setStarts] = useState<Starts>("after the notice period")
    const request = starts === "at once" ? { applies: "at_once" } : {}
    const saying = (days: number | null) => ({ ...request, ...(days === null ? {} : { longestEmbargoDays: days }) })
    const input = saying(/^\s*\d+\s*$/.test(longest) ? Number(longest) : null)
    const preview = useAnswer("/api/agreements/preview", useCan()("entitlement:read") ? input : null)
    const initial = (from?.obligations ?? []).map(rowOf)
    const hint = "attestations and regular reports become due by these; write the same in the text"
    const writeIt = (rows: readonly Row[] = []) => {
        const body = { text, termDays: daysIn(term), obligations: rows.map(obligationOf) }
        return writeTo("POST", "/api/agreements", { ...body, ...saying(daysIn(longest)), ...seenIn(preview.data) })
    }
    return (
        <RowsForm
            submit={from === undefined ? "Activate agreement" : "Add version"}
            look={from === undefined ? "main" : "danger"}
            requests={[{ many: "Obligations", singular: "obligation", fields: obligationFields, initial, hint }]}
            write={writeIt}
            onDone={onDone}
        >
            {from !== undefined && (
                <>
                    <Field
                        kind="choice"
                        label="Applies"
                        value={starts}
                        onChange={(input) =>
                            setStarts(startKinds.find((startKind) => startKind === input) ?? startKinds[0])
                        }
                        from={startKinds.map((startKind) => ({ value: startKind, name: startKind }))}
                    />
                    <Loaded query={preview}>
                        {(agreementPreview) => <Effects agreementPreview={agreementPreview} />}
                    </Loaded>
                </>
            )}
            <Field kind="file" label="Text" value={text} onChange={setText} />
            <Field
                kind="number"
                label="Days that an acceptance is valid"
                optional
                value={term}
                onChange={setTerm}
                hint="empty: until the next version"
            />
            <Field
                kind="number"
                label="Advance consent: longest embargo in days"
                optional
                value={longest}
                onChange={setLongest}
                hint="0: partners are asked about each case; empty: as in the program rules; more than before needs a second signature"
            />
        </RowsForm>
    )
}
