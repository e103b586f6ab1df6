/** The page of a warning: its dark header with steps and countdown, its tabs, and the action bar of a telephone. */
import type { ReactNode } from "react"
import { useRead, writeTo } from "../api.ts"
import { Button, Do } from "../../kit/button.tsx"
import { When } from "../../kit/instant.tsx"
import { Icon } from "../../kit/layout/icon.tsx"
import { SecretPage } from "../../kit/layout/page.tsx"
import { Notice } from "../../kit/notice.tsx"
import { Label } from "../../kit/table.tsx"
import { vulnerabilityNames } from "../../kit/products.tsx"
import type { Warning } from "../answers.ts"
import { useMe, useWarningQuestions, useWhyNot } from "../viewer.ts"
import { CopyWindows } from "./copies/copy-windows.tsx"
import { Countdown } from "./countdown.tsx"
import { unacknowledged, unfetched } from "./inbox.ts"
import type { Copies } from "./copies/open-copies.ts"
import { Progress } from "./steps/progress.tsx"
import { Score } from "../../console/cases/score.tsx"
import { stepsOf } from "./steps/steps.ts"
import { strictest } from "./warnings.tsx"
import { rich, t } from "../../messages/message.ts"

interface WarningPageProps {
    warning: Warning
    copies: Copies
    children: ReactNode
}

export function WarningPage({ warning, copies, children }: WarningPageProps) {
    const { now } = useMe()
    const followUps = useRead(`/api/follow-ups?warning=${warning.id}`).data?.followUps ?? []
    const address = `/warnings/${warning.id}`
    const questions =
        useWarningQuestions().data?.questions.filter((question) => question.warning === warning.id).length ?? 0
    const { published, withdrawnAt } = warning
    const action = <NextAction warning={warning} copies={copies} />
    return (
        <SecretPage
            secrecy={published ? "public" : "embargo"}
            title={warning.title}
            tabTitle={t("Warning")}
            path={[{ to: "/", name: t("Warnings") }]}
            lead={<Facts warning={warning} />}
            figure={<Countdown warning={warning} now={now} />}
            {...(withdrawnAt === null && { track: <Progress steps={stepsOf(warning, followUps)} /> })}
            tabs={[
                { to: address, name: t("Overview") },
                { to: `${address}/reports`, name: t("Reports") },
                { to: `${address}/questions`, name: t("Questions"), count: questions },
                { to: `${address}/access`, name: t("Access and embargo") },
            ]}
            tabsLabel={t("Warning")}
            aside={action}
        >
            <Withdrawn warning={warning} />
            {children}
            <CopyWindows copies={copies} />
        </SecretPage>
    )
}

function Facts({ warning }: { warning: Warning }) {
    const { vulnerabilities, published, withdrawnAt } = warning
    const labels = vulnerabilityNames(vulnerabilities)
    const status = withdrawnAt === null ? (published ? t("Public") : t("Under embargo")) : t("Withdrawn")
    return (
        <>
            <span className="row">
                <Icon name={published ? "globe" : "lock"} />
                <b>{status}</b>
            </span>
            <Label scheme="TLP" value={strictest(warning)} />
            {vulnerabilities.map(({ score }, n) => (
                <span key={labels[n]} className="row">
                    <Score score={score} />
                    <span className="mono">{labels[n]}</span>
                </span>
            ))}
        </>
    )
}

/** The one primary action: fetch, then acknowledge. */
function NextAction({ warning, copies }: { warning: Warning; copies: Copies }) {
    const whyNot = useWhyNot()
    const left = unfetched(warning)
    const open = unacknowledged(warning)
    const { progress } = copies
    if (left.length > 0) {
        return (
            <span className="next-action">
                <Button
                    look="main"
                    busy={progress !== null}
                    disabledReason={whyNot("copy:read")}
                    onPress={() => copies.open(left)}
                >
                    <Icon name="download" />
                    {progress === null
                        ? t("Fetch {count, plural, one {# copy} other {# copies}}", { count: left.length })
                        : t("{done} of {total} fetched", { done: progress.done, total: progress.total })}
                </Button>
            </span>
        )
    }
    if (open.length === 0) return null
    return (
        <span className="next-action">
            <Do
                look="main"
                disabledReason={whyNot("warning:acknowledge")}
                write={writeTo("POST", `/api/warnings/${warning.id}/acknowledge`)}
            >
                {t("Acknowledge {count, plural, one {# copy} other {# copies}}", { count: open.length })}
            </Do>
        </span>
    )
}

function Withdrawn({ warning: { withdrawnAt } }: { warning: Warning }) {
    if (withdrawnAt === null) return null
    return (
        <Notice tone="bad">
            <span>
                {rich(
                    "The operator withdrew this warning on {withdrawnAt}. It will not be published, and no further copies follow. Your agreement still binds you for the copies that you have.",
                    { withdrawnAt: <When at={withdrawnAt} short /> },
                )}
            </span>
        </Notice>
    )
}
