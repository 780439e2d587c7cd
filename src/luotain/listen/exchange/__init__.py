"""Questionnaires of other tools in, and ours out: SurveyJS (JSON), Qualtrics (QSF), LimeSurvey (LSS, LSG, LSQ).

What a file does not declare is never guessed: a rating comes in as a plain choice of its points until somebody says
what it measures, and on which scale. What cannot be carried over is named question by question.
"""
