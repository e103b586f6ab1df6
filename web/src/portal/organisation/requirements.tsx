/** A partner's requirements: due dates, what overdue ones withhold, how to meet them, and past submissions. */
import type { ReactNode } from "react"
import { Link } from "@tanstack/react-router"
import { agreementWords } from "../../kit/text.ts"
import { Distance, When } from "../../kit/instant.tsx"
import { Empty, Loaded } from "../../kit/notice.tsx"
import { Page } from "../../kit/layout/page.tsx"
import { Badge, Section } from "../../kit/table.tsx"
import type { Due } from "../answers.ts"
import { AttestDialog } from "./attestation.tsx"
import { dueStates, dueTitles, dueWhat } from "./requirement-text.ts"
import { MailboxProof, Report } from "./give-statement.tsx"
import { OwedReportsSection } from "../warnings/follow-ups.tsx"
import { Given } from "./statements.tsx"
import { useDues, useMe } from "../viewer.ts"

const urgency = ["overdue", "due", "met"]

export function DuesScreen() {
    const requirements = useDues()
    return (
        <Page title="Requirements">
            <Loaded query={requirements}>
                {({ requirements, submitted: given }) => (
                    <>
                        <Owed requirements={requirements} />
                        <OwedReportsSection />
                        <Given statements={given} />
                    </>
                )}
            </Loaded>
        </Page>
    )
}

function Owed({ requirements }: { requirements: readonly Due[] }) {
    const sorted = requirements.toSorted(
        (a, b) => urgency.indexOf(a.state) - urgency.indexOf(b.state) || a.withheldFrom.localeCompare(b.withheldFrom),
    )
    return (
        <Section title="What is due">
            <WithoutAgreement />
            {requirements.length === 0 ? (
                <Empty title="Nothing falls due.">
                    Attestation, reports and the proof that your address is read fall due once your organisation is
                    active.
                </Empty>
            ) : (
                sorted.map((requirement) => <OneDue key={requirement.kind} requirement={requirement} />)
            )}
        </Section>
    )
}

function WithoutAgreement() {
    const { agreement } = useMe().partner
    if (agreement === "accepted") return null
    return (
        <p className="caution">
            Your agreement is {agreementWords[agreement].name}: what falls due by it stands here once a lead has
            accepted it under <Link to="/organisation">Organisation</Link>.
        </p>
    )
}

function OneDue({ requirement }: { requirement: Due }) {
    const { name, tone } = dueStates[requirement.state]
    return (
        <article className="card" aria-label={dueTitles[requirement.kind]}>
            <div className="card-head">
                <h3>{dueTitles[requirement.kind]}</h3>
                <Badge tone={tone}>{name}</Badge>
            </div>
            <p>{dueWhat[requirement.kind]}</p>
            <p className={requirement.state === "met" ? "muted" : ""}>
                <Told requirement={requirement} />
            </p>
            <div className="row">{ways[requirement.kind]}</div>
        </article>
    )
}

function Told({ requirement: { state, dueAt, withheldFrom } }: { requirement: Due }) {
    const { now } = useMe()
    if (state === "met") {
        return (
            <>
                Due next on <When at={dueAt} short /> (<Distance at={dueAt} now={now} />
                ). If it is not given by <When at={withheldFrom} short />, content is withheld.
            </>
        )
    }
    if (state === "due") {
        return (
            <>
                Due since <When at={dueAt} short />. Nothing is withheld yet; from <When at={withheldFrom} short /> (
                <Distance at={withheldFrom} now={now} />) on, content waits until it is given.
            </>
        )
    }
    return (
        <>
            Due since <When at={dueAt} short />, and since <When at={withheldFrom} short /> it{" "}
            <strong>withholds content</strong>: no artifact can be fetched until it is given. Then everything is back by
            itself.
        </>
    )
}

const toOrganisation = (text: string) => <Link to="/organisation">{text}</Link>

const ways: Readonly<Record<Due["kind"], ReactNode>> = {
    agreement: toOrganisation("Read and accept it under Organisation"),
    attestation: <AttestDialog />,
    regular_reports: <Report />,
    mailbox: <MailboxProof />,
    key: toOrganisation("Add a key under Organisation"),
    lead: toOrganisation("See the roster under Organisation"),
}
