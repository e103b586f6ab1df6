/** One inquiry: a confidential header with tabs. Only its members see it. */
import { Link } from "@tanstack/react-router"
import { useLook } from "../../api.ts"
import { dayMs, hourMs, parseInstant } from "@tocsin/base/instant"
import { wordsOf } from "../../../kit/instant.tsx"
import { Icon } from "../../../kit/layout/icon.tsx"
import { ActionMenu } from "../../../kit/layout/menu.tsx"
import { Page, SecretPage } from "../../../kit/layout/page.tsx"
import type { Tab } from "../../../kit/layout/tabs.tsx"
import { Failed, Loaded, isRefused } from "../../../kit/notice.tsx"
import { Badge } from "../../../kit/table.tsx"
import { useNames, useNow } from "../../artifacts/viewer.tsx"
import { useInquiryActions } from "./actions.tsx"
import { Board } from "./board.tsx"
import { ExposureTab } from "./exposure-tab.tsx"
import { FindingsTab } from "./findings.tsx"
import { HistoryTab } from "./history.tsx"
import type { Opened, PartProps } from "./inquiry-answers.ts"
import { PlanningTab } from "./next-release.tsx"
import { AskPartner, QuestionsTab } from "./questions.tsx"
import { t } from "../../../messages/message.ts"

export type InquiryTab = "board" | "exposure" | "questions" | "finding" | "release" | "history"

const path = [{ to: "/leaks/inquiries", name: t("Inquiries") }]

export function InquiryScreen({ id, tab }: { id: string; tab: InquiryTab }) {
    const inquiry = useLook(`/api/inquiries/${id}`)
    if (isRefused(inquiry.error)) {
        return (
            <Page title={t("Inquiry")} path={path}>
                <Failed error={inquiry.error} />
            </Page>
        )
    }
    return (
        <Loaded query={inquiry}>
            {(subject) => <OneInquiry subject={subject} tab={tab} onDone={() => void inquiry.refetch()} />}
        </Loaded>
    )
}

function OneInquiry({ subject, tab, onDone }: PartProps & { tab: InquiryTab }) {
    const actions = useInquiryActions({ subject, onDone })
    return (
        <SecretPage
            secrecy="confidential"
            title={subject.title}
            tabTitle={t("Inquiry")}
            path={path}
            lead={<Lead subject={subject} />}
            tabs={useTabs(subject)}
            tabsLabel={t("Inquiry")}
            aside={
                <>
                    <AskPartner subject={subject} onDone={onDone} />
                    <ActionMenu label={t("More actions")} className="button" actions={actions}>
                        <Icon name="dots" />
                    </ActionMenu>
                </>
            }
        >
            <Content subject={subject} tab={tab} onDone={onDone} />
        </SecretPage>
    )
}

function Content({ tab, ...props }: PartProps & { tab: InquiryTab }) {
    switch (tab) {
        case "board":
            return <Board {...props} />
        case "exposure":
            return <ExposureTab subject={props.subject} />
        case "questions":
            return <QuestionsTab {...props} />
        case "finding":
            return <FindingsTab {...props} />
        case "release":
            return <PlanningTab key={props.subject.status} subject={props.subject} />
        case "history":
            return <HistoryTab subject={props.subject} />
    }
}

function Lead({ subject }: { subject: Opened }) {
    const names = useNames()
    const { members, openedAt, status } = subject
    return (
        <>
            <span className="row">
                <Icon name="lock" />
                <b>{t("Confidential")}</b>
            </span>
            <span>{t("{members, plural, one {# member} other {# members}}", { members: members.length })}</span>
            <span>{t("each view is recorded")}</span>
            <span>{t("opened {opened}", { opened: wordsOf(openedAt) })}</span>
            <Link to={`/cases/${subject.case}`}>{names.case(subject.case)}</Link>
            {status === "closed" && <Badge>{t("closed")}</Badge>}
        </>
    )
}

/** How long before its deadline an open question is marked as urgent. */
const urgentMs = 3 * dayMs + hourMs

function useTabs({ id, questions, findings }: Opened): readonly Tab[] {
    const now = parseInstant(useNow())
    const start = `/leaks/inquiries/${id}`
    const isUrgent = questions.some(({ state, readAt, answerBy }) =>
        state === "open" ? parseInstant(answerBy) - now < urgentMs : readAt === null,
    )
    return [
        { to: start, name: t("Board") },
        { to: `${start}/exposure`, name: t("Exposure") },
        { to: `${start}/questions`, name: t("Questions"), count: questions.length, isUrgent },
        { to: `${start}/finding`, name: t("Finding"), count: findings.length },
        { to: `${start}/release`, name: t("Next release") },
        { to: `${start}/history`, name: t("History") },
    ]
}
