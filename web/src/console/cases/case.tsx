/** One case: its tabs and what each shows. */
import type { ReactNode } from "react"
import { useRead, writeTo } from "../api.ts"
import { Do } from "../../kit/button.tsx"
import { Empty, Loaded } from "../../kit/notice.tsx"
import { Section } from "../../kit/table.tsx"
import type { Case } from "../answers.ts"
import { Artifacts } from "../artifacts/artifacts.tsx"
import { useWaves } from "./case-reads.ts"
import { withTitle } from "./case-title.ts"
import { Delivery } from "./overview/delivery.tsx"
import { CaseOverview } from "./overview/case-overview.tsx"
import { WaveReview } from "../release/waves/wave-page.tsx"
import { CasePage } from "./case-page.tsx"
import type { CaseTab } from "./case-reads.ts"
import { Questions } from "./questions/questions.tsx"
import { ClosingNotice } from "./embargo/closure.tsx"
import { ConsentSection } from "./embargo/consents.tsx"
import { EmbargoActions, Turns } from "./embargo/embargo.tsx"
import { Events } from "../audit-log/audit-log.tsx"
import { AccessTab } from "../access/matrix/access-tab.tsx"
import { Parties } from "./embargo/parties.tsx"
import { ProposedEndsOf } from "./embargo/proposed-ends.tsx"
import { useWhyNot } from "../artifacts/viewer.tsx"
import { Waves } from "../release/waves/waves.tsx"
import { t } from "../../messages/message.ts"

interface CaseScreenProps {
    id: string
    tab: Exclude<CaseTab, "reports">
    /** The wave that the release tab shows; without it, all waves. */
    wave?: string
}

export function CaseScreen({ id, tab, wave }: CaseScreenProps) {
    const query = useRead(`/api/cases/${id}`)
    return (
        <Loaded query={query}>
            {(found) => (
                <CasePage subject={withTitle(found)} tab={tab} {...(wave !== undefined && { wave })}>
                    <ClosingNotice subject={found} />
                    {wave === undefined ? contents[tab](found) : <WaveReview subject={found} id={wave} />}
                </CasePage>
            )}
        </Loaded>
    )
}

const contents: Readonly<Record<Exclude<CaseTab, "reports">, (subject: Case) => ReactNode>> = {
    overview: (subject) =>
        subject.contentDeletedAt === null ? <CaseOverview subject={subject} /> : <Delivery subject={subject} />,
    access: (subject) => <AccessTab caseId={subject.id} />,
    artifacts: (subject) => <Artifacts subject={subject} />,
    release: (subject) => <WavesSection subject={subject} />,
    embargo: (subject) => (
        <>
            <EmbargoSection subject={subject} />
            <ConsentSection subject={subject} />
            <Parties subject={subject} />
        </>
    ),
    questions: (subject) => <Questions id={subject.id} />,
    history: (subject) => <Events caseId={subject.id} />,
}

function WavesSection({ subject }: { subject: Case }) {
    const waves = useWaves(subject.id)
    const disabledReason = useWhyNot()("wave:write")
    return (
        <Loaded query={waves}>
            {({ waves }) =>
                waves.length === 0 ? (
                    <Section title={t("Waves")}>
                        <Empty title={t("No waves planned yet.")}>
                            <Do
                                look="main"
                                disabledReason={disabledReason}
                                write={writeTo("POST", `/api/cases/${subject.id}/waves`)}
                            >
                                {t("Use the default schedule")}
                            </Do>
                        </Empty>
                    </Section>
                ) : (
                    <Waves subject={subject} waves={waves} />
                )
            }
        </Loaded>
    )
}

function EmbargoSection({ subject }: { subject: Case }) {
    return (
        <Section title={t("Embargo")} aside={<EmbargoActions subject={subject} />}>
            <Turns subject={subject} />
            <ProposedEndsOf subject={subject} />
        </Section>
    )
}
