/** The agreement: its newest text, what was accepted and until when, and the acceptance. */
import { formatInstant, parseInstant } from "@tocsin/base/instant"
import { termEnd } from "../../../../server/src/trust/partners/agreements/agreement.ts"
import { useRead, writeTo } from "../api.ts"
import { Do } from "../../kit/button.tsx"
import { Opens } from "../../kit/dialog.tsx"
import { Distance, When } from "../../kit/instant.tsx"
import { Empty, Loaded, Notice } from "../../kit/notice.tsx"
import { Reading } from "../../kit/scroll.tsx"
import { Badge, Section, Table } from "../../kit/table.tsx"
import { agreementWords } from "../../kit/text.ts"
import type { Acceptance, Agreement } from "../answers.ts"
import { Obligations } from "./obligations.tsx"
import { useMe, useNameOf, useWhyNot } from "../viewer.ts"

export function AgreementSection() {
    const { partner } = useMe()
    const agreements = useRead("/api/agreements")
    const state = agreementWords[partner.agreement]
    const newest = agreements.data?.agreements.at(-1)
    return (
        <Section
            title="Agreement"
            aside={
                <>
                    <Badge tone={state.tone}>{state.name}</Badge>
                    {newest !== undefined && <Read agreement={newest} />}
                </>
            }
        >
            <Loaded query={agreements}>
                {({ agreements }) => {
                    if (newest === undefined) return <Empty title="There is no agreement yet." />
                    return (
                        <>
                            <State newest={newest} />
                            <Acceptances agreements={agreements} />
                        </>
                    )
                }}
            </Loaded>
        </Section>
    )
}

function State({ newest }: { newest: Agreement }) {
    const { now, partner } = useMe()
    const last = partner.acceptances.at(-1)
    const older = last !== undefined && last.version !== newest.version
    const accepted = partner.agreement === "accepted"
    const endsAt = last?.endsAt ?? null
    const isToCome = parseInstant(newest.appliesAt) > parseInstant(now)
    return (
        <p>
            The newest version is {newest.version}, of <When at={newest.since} short />.{" "}
            {isToCome && (
                <>
                    It applies <Distance at={newest.appliesAt} now={now} />
                    {accepted && older && "; until then what you accepted binds you, and content waits after it"}.{" "}
                </>
            )}
            {accepted && endsAt !== null && (
                <>
                    Your acceptance ends <Distance at={endsAt} now={now} />; then content waits until a lead accepts
                    again.
                </>
            )}
            {partner.agreement === "none" && "Content waits until a lead accepts it."}
            {partner.agreement === "expired" &&
                `${older ? "You accepted an older version" : "Your term is over"}: content waits until a lead accepts this one.`}
        </p>
    )
}

function Acceptances({ agreements }: { agreements: readonly Agreement[] }) {
    const { acceptances } = useMe().partner
    const nameOf = useNameOf()
    if (acceptances.length === 0) return null
    return (
        <Table
            caption="What was accepted"
            rows={acceptances.toReversed()}
            keyOf={(acceptance) => `${acceptance.version} ${acceptance.at}`}
            columns={[
                { name: "Version", cell: (acceptance) => acceptance.version },
                { name: "Accepted", cell: (acceptance) => <When at={acceptance.at} short /> },
                { name: "By", cell: (acceptance) => nameOf(acceptance.person) },
                { name: "Until", cell: (acceptance) => <Until acceptance={acceptance} newest={agreements.at(-1)} /> },
            ]}
        />
    )
}

function Until({ acceptance: { endsAt, version }, newest }: { acceptance: Acceptance; newest: Agreement | undefined }) {
    const { now } = useMe()
    if (newest !== undefined && version !== newest.version) {
        return (
            <>
                version {newest.version} applies, <When at={newest.appliesAt} short />
            </>
        )
    }
    if (endsAt === null) return "a newer version"
    const over = parseInstant(endsAt) <= parseInstant(now)
    return (
        <>
            <When at={endsAt} short /> {over && <Badge tone="bad">over</Badge>}
        </>
    )
}

function Read({ agreement }: { agreement: Agreement }) {
    const { now, partner } = useMe()
    const disabledReason = useWhyNot()("own:lead")
    const accepted = partner.agreement === "accepted" && partner.acceptances.at(-1)?.version === agreement.version
    const end = termEnd(agreement.termDays, Math.max(parseInstant(now), parseInstant(agreement.appliesAt)))
    return (
        <Opens
            button={accepted ? "Read it…" : "Read and accept…"}
            title={`Agreement, version ${agreement.version}`}
            look={accepted ? "plain" : "main"}
            wide
        >
            {(close) => (
                <>
                    <div className="beside">
                        <Reading label="Text of the agreement" text={agreement.text} />
                        <section aria-label="What it binds to" className="stack">
                            <h3>What it binds to</h3>
                            <Obligations obligations={agreement.obligations} />
                            <h3>What it consents to beforehand</h3>
                            <p>{consentTo(agreement)}</p>
                        </section>
                    </div>
                    {!(accepted && end === null) && (
                        <>
                            <Notice>
                                <span>
                                    Accepting binds {partner.name}, in your name,{" "}
                                    {end === null ? "until there is a newer version" : <Term end={end} />}.
                                </span>
                            </Notice>
                            <div className="row end">
                                <Do
                                    look={accepted ? "plain" : "main"}
                                    disabledReason={disabledReason}
                                    write={writeTo("POST", "/api/agreements/accept", { version: agreement.version })}
                                    onDone={close}
                                >
                                    {accepted ? "Accept again, for a new term" : `Accept version ${agreement.version}`}
                                </Do>
                            </div>
                        </>
                    )}
                </>
            )}
        </Opens>
    )
}

/** States the number of days that counts. The agreement's text contains no number. */
export function consentTo({ longestEmbargoDays: days }: Pick<Agreement, "longestEmbargoDays">): string {
    return days === 0 ? "No embargo: you are asked about each case." : `Embargoes of up to ${days} days.`
}

function Term({ end }: { end: number }) {
    return (
        <>
            until <When at={formatInstant(end)} short />
        </>
    )
}
