package main

import "context"

// showPlan prints a plan as plan did. It needs the file alone.
func showPlan(_ context.Context, j *job) error {
	plan, err := readPlan(j.arg(0))
	if err != nil {
		return err
	}
	return j.printPlan(plan, j.arg(0), nil, plan.Forecast(nil))
}
