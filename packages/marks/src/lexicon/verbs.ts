/** Synonymous verbs with their inflections. `lexicon.ts` explains the format and the rule for new lines. */
export const verbs = `
allow allows allowed allowing > permit permits permitted permitting / next DET attackers
permit permits permitted permitting > allow allows allowed allowing / next DET attackers
review reviews reviewed reviewing = examine examines examined examining = inspect inspects inspected inspecting / next DET / noprev DET
monitor monitors monitored monitoring > watch watches watched watching / next DET / noprev a the to
modify modifies modified modifying = alter alters altered altering > change changes changed changing / next DET / noprev DET
require requires required requiring > need needs needed needing / next a an the no DIGIT / noprev is are be was were
need needs > require requires / next a an no / noprev DET
supply supplies supplied supplying > provide provides provided providing / next a an the / noprev DET
lower lowers lowered lowering > reduce reduces reduced reducing / next the / noprev DET
prevent prevents prevented preventing > stop stops stopped stopping / next an attackers the any / noprev DET
retain retains retained retaining = preserve preserves preserved preserving / next DET / noprev DET
publish publishes published publishing > release releases released releasing = issue issues issued issuing / next a an the / noprev DET
discover discovers discovered discovering > find finds found finding = identify identifies identified identifying / next a an
describe describes described describing = explain explains explained explaining = outline outlines outlined outlining / next how
finish finishes finished finishing > complete completes completed completing / next the / noprev DET
disable disables disabled disabling > deactivate deactivates deactivated deactivating / next DET
restrict restricts restricted restricting > limit limits limited limiting / next DET / noprev DET
convince convinces convinced convincing = persuade persuades persuaded persuading / next DET
inform informs informed informing = notify notifies notified notifying / next DET us
obtain obtains obtained obtaining = acquire acquires acquired acquiring / next a an the / noprev DET
reveal reveals revealed revealing = disclose discloses disclosed disclosing / next DET
perform performs performed performing = carry-out carries-out carried-out carrying-out / next a an any the / noprev DET
investigate investigates investigated investigating > look-into looks-into looked-into looking-into / next DET
address addresses addressed addressing > fix fixes fixed fixing = resolve resolves resolved resolving / next this these both / noprev DET
locate locates located locating = find finds found finding / next all any every / noprev is are
begin begins began begun beginning = start starts started started starting / next to with / noprev DET
build builds built building = construct constructs constructed constructing / next a an / nonear new / noprev DET
select selects selected selecting = choose chooses chose choosing / next the a an
fix fixes fixed fixing > correct corrects corrected correcting = remedy remedies remedied remedying / next this these both / noprev DET
record recorded recording > log logged logging / next DET / noprev DET
store stores stored storing > keep keeps kept keeping / next DET / near in on / noprev DET
ignore ignores ignored ignoring = disregard disregards disregarded disregarding / next DET / noprev DET
omit omits omitted omitting = leave-out leaves-out left-out leaving-out / next DET / noprev DET
crash crashes crashed crashing > bring-down brings-down brought-down bringing-down / next the a an / near process service server system application daemon engine parser host machine gateway / noprev DET
increase increases increased increasing > raise raises raised raising / next the / near risk likelihood chance limit / noprev DET
`
