/** A partner's first visit: key, test copy, agreement and mailbox as a short list; the next step is open in place. */
import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { isUsable } from "../../../../server/src/trust/partners/keys/key.ts"
import { parseInstant } from "@tocsin/base/instant"
import { Avatar } from "../../kit/layout/frame.tsx"
import { Icon } from "../../kit/layout/icon.tsx"
import { Columns, Page } from "../../kit/layout/page.tsx"
import { Badge, Section } from "../../kit/table.tsx"
import type { Me } from "../answers.ts"
import { AcceptAgreement } from "../organisation/agreement.tsx"
import { timesOf } from "../organisation/key-state.ts"
import { AddKey } from "../organisation/keys.tsx"
import { TestCopy } from "../organisation/test-copy.tsx"
import { MailboxVerification } from "../to-do/give-statement.tsx"
import { useMe, useRequirements } from "../viewer.ts"
import { rich, t, valueText } from "../../messages/message.ts"

interface VisitStep {
    readonly name: string
    readonly detail: string
    readonly isDone: boolean
    readonly content: ReactNode
}

function useSteps(): VisitStep[] {
    const { partner, now }: Me = useMe()
    const mailbox = useRequirements().data?.requirements.find(({ kind }) => kind === "mailbox")
    const key = partner.keys.find((each) => isUsable(timesOf(each), parseInstant(now)))
    const tested = partner.keys.some(({ testedAt }) => testedAt !== null)
    return [
        {
            name: t("Key"),
            detail: key === undefined ? t("about 2 min") : t("usable"),
            isDone: key !== undefined,
            content: (
                <>
                    <p>
                        {rich(
                            "Each copy is sealed to your key. Only its holder can open it; the operator cannot. Create a key with <code>age-keygen</code> and paste its public recipient, or paste an OpenPGP public key.",
                            { code: (text) => <code className="code">{text}</code> },
                        )}
                    </p>
                    <AddKey look="main" />
                </>
            ),
        },
        ...(mailbox === undefined
            ? []
            : [
                  {
                      name: t("Mailbox"),
                      detail: mailbox.state === "met" ? partner.mail : t("about 1 min"),
                      isDone: mailbox.state === "met",
                      content: (
                          <>
                              <p>{t("The operator sends a code to {mail}. Enter it here.", { mail: partner.mail })}</p>
                              <div className="row">
                                  <MailboxVerification />
                              </div>
                          </>
                      ),
                  },
              ]),
        {
            name: t("Agreement"),
            detail: partner.agreement === "accepted" ? t("accepted") : t("only a lead accepts"),
            isDone: partner.agreement === "accepted",
            content: <AcceptAgreement />,
        },
        {
            name: t("Test copy"),
            detail: tested ? t("opened") : t("about 2 min"),
            isDone: tested,
            content:
                key === undefined ? (
                    <p>{t("Add a key first.")}</p>
                ) : (
                    <>
                        <p>{t("Open a harmless copy in the same way as a real one. It contains a code.")}</p>
                        <TestCopy subject={key} />
                    </>
                ),
        },
    ]
}

export function FirstVisit() {
    const { partner } = useMe()
    const steps = useSteps()
    const done = steps.filter(({ isDone }) => isDone).length
    const next = steps.findIndex(({ isDone }) => !isDone)
    const left = steps.length - done
    return (
        <Page
            title={t("Welcome, {name}", { name: partner.name })}
            tabTitle={t("First visit")}
            lead={
                left === 0
                    ? t("All steps are done. Two people of the operator admit you next.")
                    : t("{left} of {steps} steps left. You can leave and come back.", { left, steps: steps.length })
            }
            aside={<StepsDone done={done} all={steps.length} />}
        >
            <Columns rail={<AfterAdmission />}>
                <ol className="panel visit" aria-label={t("First steps")}>
                    {steps.map(({ name, detail, isDone, content }, n) => (
                        <li key={name} className={isDone ? "done" : n === next ? "current" : ""}>
                            <span className="visit-number">{isDone ? <Icon name="check" /> : n + 1}</span>
                            <h2>
                                {name}
                                {isDone && <span className="unseen"> {t("(done)")}</span>}
                            </h2>
                            <span className="muted small">{detail}</span>
                            {n === next && <div className="visit-content">{content}</div>}
                        </li>
                    ))}
                </ol>
            </Columns>
        </Page>
    )
}

function StepsDone({ done, all }: { done: number; all: number }) {
    return (
        <div className="steps-done">
            {t("{done} of {all} done", { done, all })}
            <ol aria-hidden="true">
                {Array.from({ length: all }, (_, n) => (
                    <li key={n} className={n < done ? "done" : n === done ? "current" : ""} />
                ))}
            </ol>
        </div>
    )
}

function AfterAdmission() {
    const { partner } = useMe()
    return (
        <>
            <Section title={t("After admission")}>
                <ul className="listed soft">
                    <li>
                        {t("Your tier is {tier}. It decides how early you get a warning.", {
                            tier: valueText(partner.tier),
                        })}
                    </li>
                    <li>{t("Notices go to {mail}. They have no content and no link.", { mail: partner.mail })}</li>
                </ul>
            </Section>
            <YourPeople />
            <Section title={t("If you lose the key")}>
                <p className="soft">
                    {t("You cannot open older copies. Add a second key soon, and confirm it with the first.")}
                </p>
            </Section>
        </>
    )
}

function YourPeople() {
    const { partner, person } = useMe()
    const present = partner.roster.filter(({ left }) => !left)
    return (
        <Section
            title={t("Your people")}
            count={present.length}
            aside={<Link to="/organisation/people">{t("Add person")}</Link>}
        >
            <ul className="list plain-list">
                {present.map(({ id, name, roles }) => (
                    <li key={id}>
                        <Avatar name={name} />
                        <div className="grow">
                            <div className="title">{name}</div>
                            <div className="why">{roles.map(valueText).join(", ")}</div>
                        </div>
                        {id === person.id && <Badge>{t("you")}</Badge>}
                    </li>
                ))}
            </ul>
        </Section>
    )
}
