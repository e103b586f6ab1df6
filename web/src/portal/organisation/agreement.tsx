/** The agreement: the newest text, its changes, its acceptance, and past acceptances. */
import { Link } from "@tanstack/react-router"
import { formatInstant, parseInstant } from "@tocsin/base/instant"
import { termEnd } from "../../../../server/src/trust/partners/agreements/agreement.ts"
import { TextDifference } from "../../console/cases/text-difference.tsx"
import { useRead, writeTo } from "../api.ts"
import { Do } from "../../kit/button.tsx"
import { Opens } from "../../kit/dialog.tsx"
import { Distance, When, wordsOf } from "../../kit/instant.tsx"
import { Icon } from "../../kit/layout/icon.tsx"
import { Page } from "../../kit/layout/page.tsx"
import { Markdown } from "../../kit/markdown/markdown.tsx"
import { Empty, Loaded, Notice } from "../../kit/notice.tsx"
import { ReadingFrame } from "../../kit/scroll.tsx"
import { Badge, Section, Table } from "../../kit/table.tsx"
import { agreementWords } from "../../kit/text.ts"
import type { Acceptance, Agreement as Version } from "../answers.ts"
import { useMe, useNameOf, useWhyNot } from "../viewer.ts"
import { Obligations } from "./obligations.tsx"
import { rich, t } from "../../messages/message.ts"

export function AgreementPage() {
    return (
        <Page title={t("Organisation")} tabTitle={t("Agreement")}>
            <Agreement />
        </Page>
    )
}

/** The newest version with its state, its changes and the acceptances. */
export function Agreement() {
    const { partner } = useMe()
    const query = useRead("/api/agreements")
    const state = agreementWords[partner.agreement]
    const newest = query.data?.agreements.at(-1)
    return (
        <Section
            title={t("Agreement")}
            aside={
                <>
                    <Badge tone={state.tone}>{state.name}</Badge>
                    {newest !== undefined && <ReadDialog agreement={newest} />}
                </>
            }
        >
            <Loaded query={query}>
                {({ agreements }) =>
                    newest === undefined ? (
                        <Empty title={t("No agreement yet.")}>
                            {t("Partners get content only after a lead accepts one.")}
                        </Empty>
                    ) : (
                        <>
                            <State newest={newest} />
                            <Changes agreements={agreements} />
                            <Acceptances agreements={agreements} />
                        </>
                    )
                }
            </Loaded>
        </Section>
    )
}

/** The state of the agreement in a sentence, and the button that opens its text. */
export function AcceptAgreement() {
    return (
        <Loaded query={useRead("/api/agreements")}>
            {({ agreements }) => <NewestAgreement newest={agreements.at(-1)} />}
        </Loaded>
    )
}

function NewestAgreement({ newest }: { newest: Version | undefined }) {
    if (newest === undefined) return <p>{t("No agreement yet.")}</p>
    return (
        <>
            <State newest={newest} />
            <ReadDialog agreement={newest} />
        </>
    )
}

/** A band that asks for the acceptance of a version that was not accepted. */
export function AgreementBand() {
    const { partner } = useMe()
    const newest = useRead("/api/agreements").data?.agreements.at(-1)
    const last = partner.acceptances.at(-1)
    if (newest === undefined || (last?.version === newest.version && partner.agreement === "accepted")) return null
    return (
        <div className="notice acc">
            <Icon name="sign" />
            <span className="grow">
                {rich(
                    "<strong>Agreement {version} needs your acceptance by {start}.</strong> After that you get content only once a lead accepts it.",
                    {
                        strong: (text) => <strong>{text}</strong>,
                        version: newest.version,
                        start: wordsOf(newest.appliesAt),
                    },
                )}
            </span>
            <Link to="/organisation/agreement" className="button main">
                {t("Review agreement")}
            </Link>
        </div>
    )
}

function State({ newest }: { newest: Version }) {
    const { now, partner } = useMe()
    const last = partner.acceptances.at(-1)
    const isOlder = last !== undefined && last.version !== newest.version
    const isAccepted = partner.agreement === "accepted"
    const endsAt = last?.endsAt ?? null
    const isUpcoming = parseInstant(newest.appliesAt) > parseInstant(now)
    return (
        <p>
            {rich("The newest version is {version}, of {since}.", {
                version: newest.version,
                since: <When at={newest.since} short />,
            })}{" "}
            {isUpcoming && <Upcoming start={newest.appliesAt} keepsOlder={isAccepted && isOlder} />}{" "}
            {isAccepted &&
                endsAt !== null &&
                rich("Your acceptance ends {distance}. After that, content is withheld until a lead accepts again.", {
                    distance: <Distance at={endsAt} now={now} />,
                })}
            {partner.agreement === "none" && t("Content is withheld until a lead accepts it.")}
            {partner.agreement === "expired" &&
                (isOlder
                    ? t("You accepted an older version. Content is withheld until a lead accepts this version.")
                    : t("Your term has ended. Content is withheld until a lead accepts this version."))}
        </p>
    )
}

function Upcoming({ start, keepsOlder }: { start: string; keepsOlder: boolean }) {
    const distance = <Distance at={start} now={useMe().now} />
    return keepsOlder
        ? rich("It applies {distance}. Until then the accepted version binds you.", { distance })
        : rich("It applies {distance}.", { distance })
}

/** The changes from the accepted version to the newest. */
function Changes({ agreements }: { agreements: readonly Version[] }) {
    const accepted = useMe().partner.acceptances.at(-1)?.version
    const before = agreements.find(({ version }) => version === accepted)
    const newest = agreements.at(-1)
    if (before === undefined || newest === undefined || before.version === newest.version) return null
    const title = t("Agreement {version}, changes since {accepted}", {
        version: newest.version,
        accepted: before.version,
    })
    return (
        <Section title={title}>
            <TextDifference label={title} before={before.text} after={newest.text} />
        </Section>
    )
}

function Acceptances({ agreements }: { agreements: readonly Version[] }) {
    const { acceptances } = useMe().partner
    const nameOf = useNameOf()
    if (acceptances.length === 0) return null
    return (
        <Table
            caption={t("Acceptances of your organisation")}
            rows={acceptances.toReversed()}
            keyOf={(acceptance) => `${acceptance.version} ${acceptance.at}`}
            columns={[
                { name: t("Version"), cell: (acceptance) => acceptance.version },
                { name: t("Accepted"), cell: (acceptance) => <When at={acceptance.at} short /> },
                { name: t("By"), cell: (acceptance) => nameOf(acceptance.person) },
                {
                    name: t("Until"),
                    cell: (acceptance) => <Until acceptance={acceptance} newest={agreements.at(-1)} />,
                },
            ]}
        />
    )
}

function Until({ acceptance: { endsAt, version }, newest }: { acceptance: Acceptance; newest: Version | undefined }) {
    const { now } = useMe()
    if (newest !== undefined && version !== newest.version) {
        return (
            <>
                {rich("version {version} applies, {start}", {
                    version: newest.version,
                    start: <When at={newest.appliesAt} short />,
                })}
            </>
        )
    }
    if (endsAt === null) return t("a newer version")
    const isEnded = parseInstant(endsAt) <= parseInstant(now)
    return (
        <>
            <When at={endsAt} short /> {isEnded && <Badge tone="bad">{t("ended")}</Badge>}
        </>
    )
}

function ReadDialog({ agreement }: { agreement: Version }) {
    const { now, partner } = useMe()
    const disabledReason = useWhyNot()("own:lead")
    const isAccepted = partner.agreement === "accepted" && partner.acceptances.at(-1)?.version === agreement.version
    const end = termEnd(agreement.termDays, Math.max(parseInstant(now), parseInstant(agreement.appliesAt)))
    const accept = (close: () => void) =>
        isAccepted && end === null ? null : (
            <Do
                look={isAccepted ? "plain" : "main"}
                disabledReason={disabledReason}
                write={writeTo("POST", "/api/agreements/accept", { version: agreement.version })}
                onDone={close}
            >
                {isAccepted
                    ? t("Accept again for a new term")
                    : t("Accept version {version}", { version: agreement.version })}
            </Do>
        )
    return (
        <Opens
            button={isAccepted ? t("Read agreement…") : t("Read and accept…")}
            title={t("Agreement, version {version}", { version: agreement.version })}
            look={isAccepted ? "plain" : "main"}
            wide
            foot={accept}
        >
            {() => (
                <>
                    <Notice>
                        {end === null
                            ? t("Accepting binds {organisation}, in your name, until there is a newer version.", {
                                  organisation: partner.name,
                              })
                            : t("Accepting binds {organisation}, in your name, until {end}.", {
                                  organisation: partner.name,
                                  end: wordsOf(formatInstant(end)),
                              })}
                    </Notice>
                    <div className="beside">
                        <ReadingFrame label={t("Text of the agreement")}>
                            <Markdown text={agreement.text} />
                        </ReadingFrame>
                        <section aria-label={t("Obligations and consent")} className="stack">
                            <h3>{t("Obligations")}</h3>
                            <Obligations obligations={agreement.obligations} />
                            <h3>{t("Advance consent")}</h3>
                            <p>{consentTo(agreement)}</p>
                        </section>
                    </div>
                </>
            )}
        </Opens>
    )
}

/** States the number of days that counts. The agreement's text contains no number. */
export function consentTo({ longestEmbargoDays: days }: Pick<Version, "longestEmbargoDays">): string {
    return days === 0
        ? t("No embargo: the operator asks you about each case.")
        : t("Embargoes of up to {days, plural, one {# day} other {# days}}.", { days })
}
