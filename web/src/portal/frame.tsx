/** The frame of every portal screen. Without case access, it shows letters and the partner's status only. */
import { type ReactNode, Suspense, lazy } from "react"
import { Link, Outlet, useNavigate } from "@tanstack/react-router"
import { isOnboarding, hasCaseAccess } from "../../../server/src/trust/partners/partner.ts"
import { isSignedOut } from "../kit/api.ts"
import { useLive } from "../kit/app.tsx"
import { SignedOut, signOut } from "../kit/sign-in/sign-in.tsx"
import { DraftKeeper } from "../kit/draft-scope.tsx"
import { ProgramNow } from "../kit/typed-instant/program-now.ts"
import { hereOf, wordsOf } from "../kit/instant.tsx"
import { Avatar, Frame, type NavItem } from "../kit/layout/frame.tsx"
import { ActionMenu } from "../kit/layout/menu.tsx"
import { Loaded, Notice } from "../kit/notice.tsx"
import { RecoveryNotice } from "../kit/sign-in/recovery.tsx"
import { standingWords } from "../kit/text.ts"
import type { Me } from "./answers.ts"
import { useRead } from "./api.ts"
import { isOpen } from "./embargoes/terms.ts"
import { needsAnswer } from "./messages/letter-state.ts"
import { keySummary } from "./organisation/key-state.ts"
import { requirementNames } from "./organisation/requirement-text.ts"
import { PortalPalette } from "./palette.tsx"
import { useTasks } from "./to-do/tasks.ts"
import { Viewer, useConsents, useInquiryQuestions, useLetters, useMe, useRequirements, useWarnings } from "./viewer.ts"
import { inboxOf } from "./warnings/inbox.ts"
import { otherLanguage, rich, switchLanguage, t, valueText } from "../messages/message.ts"

/** Without children: shows the screen of the address. */
export function SignedInFrame({ children = <Outlet /> }: { children?: ReactNode }) {
    const me = useRead("/api/me")
    useLive(me.data !== undefined && !isSignedOut(me.error))
    if (isSignedOut(me.error)) return <Stranger />
    return (
        <Loaded query={me}>
            {(viewer) => (
                <Viewer value={viewer}>
                    <Signed viewer={viewer}>{children}</Signed>
                </Viewer>
            )}
        </Loaded>
    )
}

/** The page of a viewer who is signed out. */
export function Stranger() {
    const publisher = useRead("/api/application-form").data?.publisher.name
    return (
        <SignedOut
            lead={
                publisher === undefined
                    ? t("Portal for partners")
                    : t("Portal for partners of {publisher}", { publisher })
            }
            recovery={t(
                "Sign in with another passkey, and remove the lost one. Without one, ask a lead of your organisation for a new link. A lead asks the operator.",
            )}
        >
            <ul className="listed">
                <li>
                    <Link to="/apply">{t("Apply to become a partner")}</Link>
                </li>
                <li>
                    <Link to="/application">{t("Read the status of your application")}</Link>
                </li>
                <li>
                    <Link to="/invitation">{t("Open your embargo invitation")}</Link>
                </li>
            </ul>
        </SignedOut>
    )
}

const Letters = lazy(async () => ({ default: (await import("./messages/letters.tsx")).Letters }))
const FirstVisit = lazy(async () => ({ default: (await import("./onboarding/first-visit.tsx")).FirstVisit }))

/** Shows letters to partners without case access, and the first steps during onboarding. */
export function IfCaseAccess({ children }: { children: ReactNode }) {
    const { status } = useMe().partner
    if (hasCaseAccess(status)) return children
    return <Suspense fallback={null}>{isOnboarding(status) ? <FirstVisit /> : <Letters />}</Suspense>
}

interface Counts {
    readonly newWarnings: number
    readonly tasks: number
    readonly requirements: number
    readonly embargoes: number
    readonly letters: number
    readonly questions: number
}

function useCounts(): Counts {
    const warnings = useWarnings().data?.warnings ?? []
    const letters = useLetters().data?.letters ?? []
    const consents = useConsents().data
    return {
        newWarnings: inboxOf(warnings).newest === null ? 0 : 1,
        tasks: useTasks().length,
        requirements: useRequirements().data?.requirements.filter(({ state }) => state !== "met").length ?? 0,
        embargoes: consents?.invitations.filter((invitation) => isOpen(invitation, consents.now)).length ?? 0,
        letters: letters.filter((letter) => letter.about.endedAt === null && needsAnswer(letter)).length,
        questions: useInquiryQuestions().data?.questions.filter(({ state }) => state === "open").length ?? 0,
    }
}

function navOf({ partner, person }: Me, counts: Counts): NavItem[] {
    const isLead = person.roles.includes("lead")
    const readsCases = hasCaseAccess(partner.status)
    const tab = (to: string, name: string, count = 0) => ({ to, name, count, isUrgent: true })
    const listTab = (to: string, name: string, count: number) => ({ to, name, count })
    return [
        ...(readsCases
            ? [
                  {
                      to: "/",
                      name: t("Warnings"),
                      icon: "inbox" as const,
                      count: counts.newWarnings,
                      under: ["/warnings"],
                  },
              ]
            : []),
        {
            to: "/to-do",
            name: t("To do"),
            icon: "check",
            count: counts.tasks,
            ...(readsCases && {
                tabs: [
                    tab("/to-do", t("Requirements"), counts.requirements),
                    tab("/to-do/embargoes", t("Embargoes"), counts.embargoes),
                ],
            }),
        },
        {
            to: "/messages",
            name: t("Messages"),
            icon: "message",
            count: counts.letters + counts.questions,
            tabs: [
                tab("/messages", t("Letters"), counts.letters),
                ...(isLead ? [tab("/messages/questions", t("Questions"), counts.questions)] : []),
                ...(readsCases ? [tab("/messages/asked", t("Your questions"))] : []),
            ],
        },
        { to: "/receipts", name: t("Receipts"), icon: "log" },
        {
            to: "/organisation",
            name: t("Organisation"),
            icon: "building",
            tabs: [
                tab("/organisation", t("Overview")),
                listTab("/organisation/people", t("People"), partner.roster.filter(({ left }) => !left).length),
                listTab(
                    "/organisation/keys",
                    t("Keys"),
                    partner.keys.filter(({ revokedAt }) => revokedAt === null).length,
                ),
                ...(isLead ? [tab("/organisation/machines", t("Machines"))] : []),
                tab("/organisation/agreement", t("Agreement"), partner.agreement === "accepted" ? 0 : 1),
                tab("/organisation/notices", t("Notices")),
                tab("/organisation/duties", t("Duties")),
                tab("/organisation/access", t("Your access")),
            ],
        },
    ]
}

function Signed({ viewer, children }: { viewer: Me; children: ReactNode }) {
    const nav = navOf(viewer, useCounts())
    return (
        <ProgramNow value={viewer.now}>
            <Frame
                brand={<>{rich("Tocsin <small>Early warnings</small>", { small: (text) => <small>{text}</small> })}</>}
                nav={nav}
                person={
                    <>
                        <KeyStatus viewer={viewer} />
                        <PersonMenu viewer={viewer} />
                    </>
                }
                reader={t("{person}, {partner}", { person: viewer.person.name, partner: viewer.partner.name })}
                bar={
                    <>
                        <PortalPalette items={nav} />
                        <Now at={viewer.now} />
                    </>
                }
                bands={
                    <>
                        <RecoveryNotice />
                        <StatusBand subject={viewer} />
                    </>
                }
            >
                <DraftKeeper>{children}</DraftKeeper>
            </Frame>
        </ProgramNow>
    )
}

function Now({ at }: { at: string }) {
    const here = hereOf(at, true)
    return (
        <time className="now" dateTime={at}>
            {wordsOf(at)}
            {here !== null && <small>{here}</small>}
        </time>
    )
}

/** Whether copies can be sealed to this partner. */
function KeyStatus({ viewer }: { viewer: Me }) {
    const { isUsable, text } = keySummary(viewer)
    return (
        <nav aria-label={t("Key")}>
            <Link to="/organisation/keys" className="pin" activeProps={{}} title={text}>
                <span className={isUsable ? "dot good" : "dot warn"} />
                <span className="clip">{text}</span>
            </Link>
        </nav>
    )
}

function PersonMenu({ viewer: { partner, person } }: { viewer: Me }) {
    const navigate = useNavigate()
    const roles = person.roles.map(valueText).join(", ")
    return (
        <ActionMenu
            label={t("{partner} {person}, {roles}: your account", {
                partner: partner.name,
                person: person.name,
                roles,
            })}
            className="person"
            actions={[
                { id: "access", name: t("Your access"), onAction: () => void navigate({ to: "/organisation/access" }) },
                { id: "language", name: otherLanguage, onAction: switchLanguage },
                { id: "out", name: t("Sign out"), onAction: () => void signOut(person.id) },
            ]}
        >
            <Avatar name={partner.name} />
            <span className="label-text clip">
                {partner.name}{" "}
                <small>
                    {person.name}, {roles}
                </small>
            </span>
        </ActionMenu>
    )
}

/** Says what withholds content from the partner; nothing otherwise. */
function StatusBand({ subject: { partner } }: { subject: Me }) {
    if (isOnboarding(partner.status)) {
        return (
            <Notice tone="due">
                <span>
                    {t(
                        "Your organisation is not admitted yet. A lead adds a key and accepts the agreement. Then two people of the operator admit you.",
                    )}
                </span>
            </Notice>
        )
    }
    if (!hasCaseAccess(partner.status)) {
        return (
            <Notice tone="bad">
                <span>
                    {rich(
                        "Your organisation is {status} and has no access to warnings. You can read letters, answer them and see your own status.",
                        { status: <strong>{standingWords[partner.status].name}</strong> },
                    )}
                </span>
            </Notice>
        )
    }
    if (partner.agreement !== "accepted") {
        return (
            <Notice tone="due">
                <span>
                    {partner.agreement === "expired"
                        ? t("The agreement is expired. Content is withheld until a lead accepts the newest version.")
                        : t(
                              "The agreement is not accepted yet. Content is withheld until a lead accepts the newest version.",
                          )}
                </span>
                <Link to="/organisation/agreement">{t("Read the agreement")}</Link>
            </Notice>
        )
    }
    if (partner.overdue.length > 0) {
        return (
            <Notice tone="due">
                <span>
                    {t("Overdue: {requirements}. Content is withheld until you meet this requirement.", {
                        requirements: partner.overdue.map((kind) => requirementNames[kind]).join("; "),
                    })}
                </span>
                <Link to="/to-do">{t("Open to do")}</Link>
            </Notice>
        )
    }
    return null
}
