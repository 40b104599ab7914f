r"""Simulating: what a change would do, what will come of it, and what load to expect.

``coursetrack.simulation`` lets learners live in a fork of a tracker. They see what comes of what
they do: who is refused does what the locked lesson asks for, or comes back when it opens, or gives
up. Everything is drawn by keys from a seed, so each answer here is the same on every machine.

## The academy of the examples

A course of three weeks, and members of whom a third enrolled before it opened:

```python
from datetime import UTC, datetime, timedelta

import attrs
from coursetrack import CompletionType, Course, CourseMember, Coworker, Lesson, PageVisit, Section
from coursetrack import Tracker, UnlockType
from coursetrack.simulation import Announcement, Study, by_member, calibrate, facts, in_order

opens, day = datetime(2025, 1, 6, tzinfo=UTC), timedelta(days=1)
tracker = Tracker()
tracker.add_all([
    Course(id=1, title="Onboarding"),
    *(Section(id=week, course_id=1, title=f"Week {week}", display_order=week) for week in (1, 2, 3)),
    *(Lesson(id=n, course_id=1, section_id=1 + n // 6, title=f"Lesson {n}", display_order=n,
             completion_type=CompletionType.BUTTON) for n in range(1, 18)),
    Coworker(id=1, full_name="Ada Lovelace"),
    *(CourseMember(id=n, course_id=1, coworker_id=1, created_on=opens + (n - 100) * day / 10)
      for n in range(1, 301)),
])
```

## Counting habits

Habits are tables that are counted in what happened; nothing is fitted. Here the past is itself a
stream, so that the example runs; yours comes from your log:

```python
past_events = list(in_order(tracker.entities(), opens=opens, seed=7))
habits = calibrate(tracker.entities(), past_events, opens=opens)
print(facts(tracker.entities(), past_events, opens=opens))
study = Study(tracker, habits=habits, opens=opens, seed=1)
```

```text
300 members, 205 learners; 33.7% opened 90 % of the lessons
  completed 0.94 of what they opened, 0.28 of the furthest lesson
  next visit is the next lesson 0.98; pause within a section 0.11, across 0.39
  168 s from visit to visit, 41.4 h between sessions
  left in the first weeks 0.73, 0.47, 0.41; Monday 0.29, Sunday 0.08
```

``habits.to_dict()`` and ``Habits.from_dict`` keep them. Without a log, ``Study(tracker)`` takes the
shipped ones. Calibrate on several runs of a course, and every answer tells how much runs differ;
``backtest`` adds how far off forecasts of those runs would have been. With one run, as here, an
answer says that its range holds chance alone.

## A designer: what if each lesson waits for the one before?

```python
in_sequence = [attrs.evolve(lesson, unlock_type=UnlockType.SEQUENTIAL)
               for lesson in tracker.lessons(course_id=1)]
print(study.compare(replace=in_sequence, replications=4))
```

```text
completed lessons 1,451 +66 (-7 to +140) = +4.6%
finishers 16 +2 (-4 to +9) = +15.4%
95 events refused; patience 0.9 is an assumption: -112 with 0.5, +191 with 1
the range holds chance alone: one past run does not say how runs differ
```

Both courses are lived through by the same learners with the same chance. How many come back after
a refusal (`patience`) is in no log of a course without locks: it is an assumption, and the answer
tells what another one would change. Replaying what happened against the changed course is the wrong
way, since nobody in a recording reacts:

```python
before, after = tracker.fork(), tracker.fork()
for lesson in in_sequence:
    after.replace(lesson)
completed = [each.record_many(past_events).completed for each in (before, after)]
print(f"replayed: {completed[1] / completed[0] - 1:+.1%}")
```

```text
replayed: -14.2%
```

## An owner: how many will be through by a date?

After ten days, with everything that happened so far. Nobody does anything again, and who kept silent
is either gone or away, as likely as silence of that length makes it:

```python
today = opens + 10 * day
so_far = [event for event in past_events if event.at <= today]
known = study.given(so_far, at=today)
for days in (14, 28):
    print(str(known.finished_by(opens + days * day, share=0.9, replications=6)).splitlines()[0])
```

```text
13 (10 to 15) of 300 members complete at least 90% of the lessons before 2025-01-20 00:00 UTC
38 (30 to 45) of 300 members complete at least 90% of the lessons before 2025-02-03 00:00 UTC
```

The funnel with its range, drawn by matplotlib:

```python
from matplotlib import pyplot

funnel = known.funnel(course_id=1, replications=4)
figure, axes = pyplot.subplots()
axes.plot([each.estimate.value for each in funnel.lessons])
lows, highs = ([getattr(each.estimate, end) for each in funnel.lessons] for end in ("low", "high"))
axes.fill_between(range(len(funnel.lessons)), lows, highs, alpha=0.3)
axes.set(xlabel="lessons in reading order", ylabel="members who complete it")
figure.savefig("funnel.png")
pyplot.close(figure)
```

## An engineer: what load will the endpoint see?

A mail that reaches half of those who are away makes the peak, so it belongs into the study. The
busiest minute is then fed to the endpoint, which lists what each member has completed:

```python
from coursetrack.endpoint import Endpoint, Principal, Request

mail = Announcement(id=1, at=opens + 7 * day + timedelta(hours=9), reaches=0.5)
told = {"habits": habits, "opens": opens, "seed": 1, "announcements": [mail]}
load = Study(tracker, **told).load(per=timedelta(minutes=1), replications=3)
print(load)

lived, reader = tracker.fork(), Principal("load", is_unrestricted_admin=True)
endpoint = Endpoint(lived)
burst = in_order(lived.entities(), **told, since=load.busiest, until=load.busiest + 60 * day / 86_400)
for event in burst:
    lived.record(event)
    query = f"CourseCompletedLesson_CourseMember={event.member_id}"
    request = Request("GET", "/api/content/coursecompletedlessons", query)
    assert endpoint.handle(request, principal=reader, at=event.at).status == 200
```

```text
17 (0 to 41) events in the busiest 0:01:00, such as at 2025-01-13 09:01 UTC
at most 0 in 50.0%, 0 in 90.0%, 1.33 in 99.0%, 4 in 99.9% of all intervals
the range holds chance alone: one past run does not say how runs differ
```

## A SimPy process

A stream is an iterator of events with instants, so any simulator can take it. Here one clerk
answers learners' questions, a quarter of an hour each, about every lesson completed late at night:

```python
import simpy

def learners(env, clerk, waits):
    for event in in_order(tracker.entities(), habits=habits, opens=opens, seed=1):
        yield env.timeout((event.at - opens).total_seconds() - env.now)
        if event.at.hour >= 22:
            env.process(question(env, clerk, waits))

def question(env, clerk, waits):
    asked = env.now
    with clerk.request() as turn:
        yield turn
        waits.append(env.now - asked)
        yield env.timeout(900)

waits, env = [], simpy.Environment()
env.process(learners(env, simpy.Resource(env), waits))
env.run()
print(f"{len(waits)} questions, the longest wait {max(waits) / 60:.0f} minutes")
```

```text
89 questions, the longest wait 178 minutes
```

## Monte Carlo over forks

Whatever the studies do not answer: each replication is a tracker of its own, to be asked anything.

```python
def first_week(number):
    lived = study.run(until=opens + 7 * day, replication=number)
    return max(lived.counts(by=("member_id",)).values())

print(sorted(first_week(number) for number in range(5)))
```

```text
[17, 17, 17, 17, 17]
```

## Learners of your own

A behaviour is a generator that is sent the outcome of each event. ``StepByStep`` follows the habits;
``Finisher``, ``Sampler`` and ``Mixture`` are there too, and your own may be short:

```python
from coursetrack import PageVisit
from coursetrack.simulation import Mixture, StepByStep, instant

def window_shopper(learner, outline, habits, draws):
    at = learner.since
    for lesson in outline.lessons[:3]:
        at += 30 + int(habits.gap(draws(learner.id, lesson.id).gap))
        outcome = yield PageVisit(member_id=learner.id, lesson_id=lesson.id, at=instant(at))
        if outcome is not None and outcome.refused:
            return

mixed = Mixture({StepByStep(): 0.8, window_shopper: 0.2})
few = sum(1 for _ in by_member(tracker.entities(), opens=opens, seed=1, behaviour=mixed))
many = sum(1 for _ in by_member(tracker.entities(), opens=opens, seed=1))
assert few < many
```

## How it is built, and how close it comes

A learner's next step depends on what can be seen of the past ones: how many lessons were opened,
whether any were left behind, which session it is, how long the last rest was, when the next section
is due. One thing is not to be seen: how inclined somebody is to complete what was opened. It is
drawn once for each learner, and so that it agrees with what is known.

``python -m benchmarks.simulate PATH`` counts habits in runs 3 to 5 of a real course and simulates
runs 6 and 7, which it has not seen. Distances to the real run 7, a mean over replications; beside
them those of the earlier runs themselves:

| distance to run 7 | simulated | with its first week known | earlier runs |
|---|---:|---:|---:|
| visit funnel, mean / max | .042 / .059 | .008 / .017 | .033 / .046 |
| completion funnel, mean / max | .041 / .051 | .006 / .013 | .035 / .045 |
| lessons visited, sessions, gaps (Kolmogorov-Smirnov) | .059, .060, .060 | .016, .025, .060 | .046, .043, .061 |
| share with 90 % of the lessons | .030 | .002 | .032 |

Without any days known a run has a level of its own, which habits of other runs do not know: run 7 is
further from the simulation than from the earlier runs, by less than .02. More of its members
enrolled early, and those got further in every earlier run, but not in this one. On run 6, which was
an odd one, the funnels are off by .09, as are the earlier runs. Those runs themselves, in which the
habits were counted, come back as close as two replications are: funnels within .005.

What helped most: habits by time of enrolment, going back to lessons left behind, pauses by position in
the session, the day on which a section is due, rests by the rest before, and that whether lessons are
completed is mostly up to the learner. Left out are factors for stopping by session, which changed
nothing, and for stopping by what was left undone before: those who leave lessons undone do stop twice
as often, but with that the later lessons of the counted runs came out too low.

Ranges: each of six runs was left out once, and its finishers by six dates were forecast by the others.
The ranges of nine in ten held the truth 35 times of 36 with the first week known, and 33 times of 36
without. They are wide, as runs differ by a factor of two.

Draws are a keyed BLAKE2b of seed, replication, member, lesson and round. Adding a lesson therefore
changes no draw of another, members can be shared out among processes in any way, and streams that
are cut go on as if they had not been. ``by_member`` holds one member at a time, however many there
are; ``in_order`` holds all that have begun.
"""
